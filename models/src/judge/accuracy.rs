//! How well predictions meet the truth.

use serde::{Deserialize, Serialize};

use super::auc::roc_auc;
use super::estimate::bootstrap;
use super::evaluate::Predictions;
use super::{JudgeError, TestSet, Truth};
use crate::data::Array;
use crate::metrics::{ConfusionMatrix, Estimate, wilson};
use crate::samples::SampleError;

/// How well a model does what it is for. Intervals are two-sided and hold with 95 %.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "task")]
pub enum Accuracy {
    /// A classifier.
    Classification {
        /// Share of samples with the right class; Wilson's interval.
        top1: Estimate,
        /// Mean of F1 over the classes that are there or were predicted; a bootstrap's interval.
        macro_f1: Estimate,
        /// Class by class.
        classes: Vec<ClassAccuracy>,
        /// Rows by truth, columns by prediction.
        confusion: ConfusionMatrix,
    },
    /// An autoencoder that finds anomalies by its reconstruction error.
    Anomaly {
        /// Area under the ROC curve; DeLong's interval, see [`roc_auc`].
        auc: Estimate,
        /// Samples that are anomalies.
        anomalous: u64,
        /// Samples that are none.
        normal: u64,
    },
    /// A regression.
    Regression {
        /// `sqrt(mean((wanted - found)^2))` over all values, in their unit; a bootstrap's interval over samples.
        rmse: Estimate,
        /// `mean(|wanted - found|)`, likewise.
        mae: Estimate,
    },
}

/// What became of one class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassAccuracy {
    /// Its number.
    pub class: usize,
    /// Its name, where that is known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    /// Samples of the class.
    pub support: u64,
    /// Share of right ones among its samples, with Wilson's interval; none when it has no samples.
    pub recall: Option<Estimate>,
    /// Share of right ones among the samples predicted as it, likewise.
    pub precision: Option<Estimate>,
    /// `2 TP / (2 TP + FP + FN)`.
    pub f1: Option<f64>,
}

impl Accuracy {
    /// Of predictions for a set.
    ///
    /// # Errors
    /// When there are no samples, their number is another, or one of the two kinds of samples is missing for an AUC.
    pub fn of(set: &TestSet, predictions: &Predictions) -> Result<Self, JudgeError> {
        match (set.truth(), predictions) {
            (Truth::Classes { y, names }, Predictions::Classes(found)) if found.len() == y.len() => {
                Ok(classification(y, found, names)?)
            }
            (Truth::Anomalies(anomalous), Predictions::Errors(errors)) if errors.len() == anomalous.len() => {
                let kind = |wanted: bool| anomalous.iter().filter(|&&a| a == wanted).count() as u64;
                let auc =
                    roc_auc(errors, anomalous).ok_or_else(|| nothing("samples that are anomalies, and others"))?;
                Ok(Accuracy::Anomaly { auc, anomalous: kind(true), normal: kind(false) })
            }
            (Truth::Values(wanted), Predictions::Values(found)) if found.len() == set.len() => {
                Ok(regression(wanted, found)?)
            }
            (Truth::Classes { .. } | Truth::Anomalies(_) | Truth::Values(_), _) => {
                Err(nothing("predictions of this set's kind, one a sample").into())
            }
        }
    }

    /// [`Accuracy::score`] without the intervals, which take a thousand times as long.
    ///
    /// # Errors
    /// As [`Accuracy::of`].
    pub fn score_of(set: &TestSet, predictions: &Predictions) -> Result<f64, JudgeError> {
        match (set.truth(), predictions) {
            (Truth::Classes { y, .. }, Predictions::Classes(found)) if found.len() == y.len() && !y.is_empty() => {
                Ok(y.iter().zip(found).filter(|(truth, found)| truth == found).count() as f64 / y.len() as f64)
            }
            (Truth::Values(wanted), Predictions::Values(found)) if found.len() == set.len() && !set.is_empty() => {
                Ok(-(squared_error(wanted, found) / wanted.elements().len().max(1) as f64).sqrt())
            }
            (Truth::Classes { .. } | Truth::Anomalies(_) | Truth::Values(_), _) => {
                Ok(Self::of(set, predictions)?.score())
            }
        }
    }

    /// The figure to compare models by: top-1, AUC or RMSE.
    #[must_use]
    pub fn headline(&self) -> Estimate {
        match self {
            Accuracy::Classification { top1, .. } => *top1,
            Accuracy::Anomaly { auc, .. } => *auc,
            Accuracy::Regression { rmse, .. } => *rmse,
        }
    }

    /// The headline's name.
    #[must_use]
    pub fn headline_name(&self) -> &'static str {
        match self {
            Accuracy::Classification { .. } => "top-1",
            Accuracy::Anomaly { .. } => "AUC",
            Accuracy::Regression { .. } => "RMSE",
        }
    }

    /// The headline as a number of which more is better: an RMSE with the other sign.
    #[must_use]
    pub fn score(&self) -> f64 {
        match self {
            Accuracy::Classification { .. } | Accuracy::Anomaly { .. } => self.headline().value,
            Accuracy::Regression { .. } => -self.headline().value,
        }
    }
}

fn classification(truth: &[usize], found: &[usize], names: &[String]) -> Result<Accuracy, SampleError> {
    let matrix = |samples: &mut dyn Iterator<Item = usize>| {
        let mut confusion = ConfusionMatrix::new(names.len());
        samples.for_each(|i| confusion.add(truth[i], found[i]));
        confusion
    };
    let confusion = matrix(&mut (0..truth.len()));
    let top1 = confusion.top1().ok_or_else(|| nothing("samples"))?;
    let macro_f1 = bootstrap(truth.len(), |drawn| matrix(&mut drawn.iter().copied()).macro_f1());
    let counts = confusion.counts();
    let classes = confusion.classes().into_iter().enumerate().map(|(class, metrics)| {
        let right = counts[class][class];
        let predicted = counts.iter().map(|row| row[class]).sum();
        ClassAccuracy {
            class,
            name: names.get(class).cloned(),
            support: metrics.support,
            recall: wilson(right, metrics.support),
            precision: wilson(right, predicted),
            f1: metrics.f1,
        }
    });
    Ok(Accuracy::Classification {
        top1,
        macro_f1: macro_f1.ok_or_else(|| nothing("samples"))?,
        classes: classes.collect(),
        confusion,
    })
}

fn regression(wanted: &Array, found: &[Vec<f32>]) -> Result<Accuracy, SampleError> {
    // For each sample the sums of squared and absolute errors, so that a resample only adds.
    let mut places = 0..wanted.elements().len();
    let sums: Vec<(f64, f64, usize)> = found
        .iter()
        .map(|values| {
            values.iter().zip(&mut places).fold((0.0, 0.0, 0), |(squares, sizes, count), (&value, i)| {
                let error = wanted.elements().real(i).unwrap_or(f64::NAN) - f64::from(value);
                (squares + error * error, sizes + error.abs(), count + 1)
            })
        })
        .collect();
    let mean = |drawn: &[usize], of: fn(&(f64, f64, usize)) -> f64| {
        let count: usize = drawn.iter().map(|&i| sums[i].2).sum();
        (count > 0).then(|| drawn.iter().map(|&i| of(&sums[i])).sum::<f64>() / count as f64)
    };
    let rmse = bootstrap(sums.len(), |drawn| mean(drawn, |s| s.0).map(f64::sqrt));
    let mae = bootstrap(sums.len(), |drawn| mean(drawn, |s| s.1));
    match (rmse, mae) {
        (Some(rmse), Some(mae)) => Ok(Accuracy::Regression { rmse, mae }),
        (None, _) | (_, None) => Err(nothing("samples")),
    }
}

fn squared_error(wanted: &Array, found: &[Vec<f32>]) -> f64 {
    let error = |(i, &value): (usize, &f32)| (wanted.elements().real(i).unwrap_or(f64::NAN) - f64::from(value)).powi(2);
    found.iter().flatten().enumerate().map(error).sum()
}

fn nothing(expected: &str) -> SampleError {
    let remedy = "judge a model on samples that it was not made from, of all kinds that it will meet";
    SampleError::missing("test set", expected, "none", remedy)
}
