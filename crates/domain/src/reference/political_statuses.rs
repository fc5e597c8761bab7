//! 政治面貌 Political status, GB/T 4762 (domain.md 4.9).

/// Code and name, in the order of the standard.
pub static POLITICAL_STATUSES: [(&str, &str); 13] = [
    ("01", "中共党员"),
    ("02", "中共预备党员"),
    ("03", "共青团员"),
    ("04", "民革党员"),
    ("05", "民盟盟员"),
    ("06", "民建会员"),
    ("07", "民进会员"),
    ("08", "农工党党员"),
    ("09", "致公党党员"),
    ("10", "九三学社社员"),
    ("11", "台盟盟员"),
    ("12", "无党派人士"),
    ("13", "群众"),
];

/// Name of a political status by its code.
pub fn political_status(code: &str) -> Option<&'static str> {
    POLITICAL_STATUSES.iter().find(|(known, _)| *known == code).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_thirteen_in_order() {
        assert!(POLITICAL_STATUSES.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert_eq!(political_status("10"), Some("九三学社社员"));
        assert_eq!(political_status("14"), None);
    }
}
