//! Texts that a spreadsheet would take for something else when it opens a csv file.

/// What makes a formula, or makes what follows it the beginning of a cell.
const FORMULA_STARTS: &[char] = &['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
/// Digits of a number that a spreadsheet keeps; of longer ones it makes the others zeros.
const DIGITS_KEPT: usize = 15;
/// What is put in front.
const GUARD: char = '\'';

/// Whether a spreadsheet could take this text for a formula.
pub(crate) fn starts_like_a_formula(text: &str) -> bool {
    text.starts_with(FORMULA_STARTS)
}

/// The text as it stands in a csv file: with an apostrophe in front where a spreadsheet would run it, or would take an ID number or
/// a certificate number for a quantity and lose its last digits. A text that begins with an apostrophe itself gets one more, so
/// that taking one away always gives the text.
pub fn guarded(text: String) -> String {
    let long_number = text.len() > DIGITS_KEPT && text.bytes().all(|byte| byte.is_ascii_digit());
    if starts_like_a_formula(&text) || long_number || text.starts_with(GUARD) {
        format!("{GUARD}{text}")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::guarded;

    #[test]
    fn nothing_in_a_csv_file_is_run_and_no_digit_is_lost() {
        for text in [
            "=1+1",
            "+86",
            "-1",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "\n=1",
            "＝1",
            "'quoted",
            "430102199001011234",
            "1234567890123456",
        ] {
            assert_eq!(guarded(text.to_owned()), format!("'{text}"));
        }
        for text in [
            "",
            "张三",
            "4301**********1234",
            "123456789012345",
            "01",
            "2023-05-04",
            "a=b",
            "湘职改〔2023〕7号",
        ] {
            assert_eq!(guarded(text.to_owned()), text);
        }
    }
}
