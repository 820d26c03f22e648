//! A model in another runtime.

/// What runs a model: the input's bytes in, the output's real numbers out.
pub type Run = Box<dyn FnMut(&[u8]) -> Result<Vec<f32>, String>>;

/// A loaded model with one input and one output.
pub struct Network {
    /// NumPy's name of the input's elements.
    pub dtype: &'static str,
    /// The input's extents.
    pub shape: Vec<usize>,
    /// Runs it.
    pub run: Run,
}

/// A runtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Runtime {
    /// `tract-onnx`.
    #[cfg(feature = "tract")]
    Tract,
    /// `rten`.
    #[cfg(feature = "rten")]
    Rten,
}

impl Runtime {
    /// Those that were compiled in.
    pub const ALL: &[Self] = &[
        #[cfg(feature = "tract")]
        Self::Tract,
        #[cfg(feature = "rten")]
        Self::Rten,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            #[cfg(feature = "tract")]
            Self::Tract => "tract",
            #[cfg(feature = "rten")]
            Self::Rten => "rten",
        }
    }

    /// Loads an ONNX file.
    ///
    /// # Errors
    /// What the runtime says.
    pub fn load(self, model: &[u8]) -> Result<Network, String> {
        match self {
            #[cfg(feature = "tract")]
            Self::Tract => crate::tract::load(model),
            #[cfg(feature = "rten")]
            Self::Rten => crate::rten::load(model),
        }
    }
}
