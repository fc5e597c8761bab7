//! What may be uploaded.

/// The largest file taken unless the caller says otherwise.
pub const SIZE_BYTES_MAX: u64 = 20 * 1024 * 1024;

/// A kind of file, known by its first bytes: what a client calls it is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub enum MediaType {
    /// PDF
    #[serde(rename = "application/pdf")]
    Pdf,
    /// JPEG
    #[serde(rename = "image/jpeg")]
    Jpeg,
    /// PNG
    #[serde(rename = "image/png")]
    Png,
}

impl MediaType {
    /// All kinds.
    pub const ALL: &'static [Self] = &[Self::Pdf, Self::Jpeg, Self::Png];

    /// The name for `Content-Type`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
        }
    }

    /// The kind that these first bytes belong to; `None` for any other.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let found = infer::get(bytes)?;
        Self::ALL.iter().copied().find(|kind| kind.as_str() == found.mime_type())
    }
}

impl std::fmt::Display for MediaType {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// What one upload may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The largest size.
    pub size_bytes_max: u64,
    /// The kinds taken.
    pub media_types: &'static [MediaType],
}

impl Default for Limits {
    /// PDF, JPEG and PNG up to [`SIZE_BYTES_MAX`].
    fn default() -> Self {
        Self { size_bytes_max: SIZE_BYTES_MAX, media_types: MediaType::ALL }
    }
}
