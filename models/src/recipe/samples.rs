//! The samples that a recipe may look at.

use std::borrow::Cow;

use crate::data::Array;
use crate::judge::TestSet;

/// The samples that a recipe may look at: one array for each input of the source, samples along the first axis, in the source's
/// units; none for a recipe that looks at none.
#[derive(Debug, Clone)]
pub struct Samples<'a> {
    arrays: &'a [Array],
    groups: Option<Cow<'a, [usize]>>,
}

impl<'a> Samples<'a> {
    /// Samples, and where they are known their classes, for [`Rule::Stratified`](super::Rule::Stratified).
    #[must_use]
    pub fn new(arrays: &'a [Array], classes: Option<&'a [usize]>) -> Self {
        Self { arrays, groups: classes.map(Cow::Borrowed) }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.arrays.iter().filter_map(|array| array.shape().first()).copied().min().unwrap_or(0)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn arrays(&self) -> &[Array] {
        self.arrays
    }

    pub(super) fn groups(&self) -> Option<&[usize]> {
        self.groups.as_deref()
    }
}

impl<'a> From<&'a [Array]> for Samples<'a> {
    fn from(arrays: &'a [Array]) -> Self {
        Self::new(arrays, None)
    }
}

impl<'a, const N: usize> From<&'a [Array; N]> for Samples<'a> {
    fn from(arrays: &'a [Array; N]) -> Self {
        Self::new(arrays, None)
    }
}

impl<'a> From<&'a TestSet> for Samples<'a> {
    fn from(set: &'a TestSet) -> Self {
        Self { arrays: set.arrays(), groups: set.truth().groups() }
    }
}
