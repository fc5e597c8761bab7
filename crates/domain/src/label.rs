//! The words people read, beside the names programs use.

/// One thing's name in the client's Chinese and in English; the glossary is generated from these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Label {
    /// The seeds' own word.
    pub zh: &'static str,
    /// For readers of the code and the API.
    pub en: &'static str,
}

/// Shorthand for a [`Label`].
pub const fn label(zh: &'static str, en: &'static str) -> Label {
    Label { zh, en }
}

/// An enumeration whose every value has a wire name and a label, and which lists all its values.
pub trait Named: Sized + Copy + 'static {
    /// Every value, in menu order.
    const ALL: &'static [Self];
    /// The name on the wire, in tables and in events.
    fn name(self) -> &'static str;
    /// The words people read.
    fn label(self) -> Label;
    /// The value of a wire name.
    fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|value| value.name() == name)
    }
}

/// Declares an enumeration with wire names and labels: `Variant = "wire-name", "中文", "English";`.
macro_rules! named {
    ($(#[$doc:meta])* $type:ident { $($(#[$vdoc:meta])* $variant:ident = $name:literal, $zh:literal, $en:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        pub enum $type {
            $($(#[$vdoc])* #[doc = $zh] #[serde(rename = $name)] $variant,)+
        }
        impl $type {
            /// The name on the wire, in tables and in events.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }
        }
        impl $crate::label::Named for $type {
            const ALL: &'static [Self] = &[$(Self::$variant,)+];
            fn name(self) -> &'static str { $type::name(self) }
            fn label(self) -> $crate::label::Label {
                match self { $(Self::$variant => $crate::label::label($zh, $en),)+ }
            }
        }
        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(self.name()) }
        }
    };
}
pub(crate) use named;
