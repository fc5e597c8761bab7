//! 文本规范化 Input text: what is typed or pasted becomes what is stored.
//!
//! Codes are folded (full-width digits and letters become half-width ones, domain.md 4.1); names and opinions are kept
//! as they are but for the blanks around them: `𠮷` and the middle dot of `阿依古丽·买买提` are part of a name. A NUL is
//! refused everywhere: the database cannot hold it.

use super::Problem;

/// Longest personal name, in characters; names of minorities with middle dots reach about fifty.
pub const NAME_CHARS_MAX: usize = 100;

/// Text of a code: trimmed, without NUL, full-width digits and letters made half-width. Nothing else is guessed.
///
/// # Errors
/// `text-has-nul`.
pub fn code(text: &str) -> Result<String, Problem> {
    refuse_nul(text)?;
    Ok(trim(text).chars().map(half_width).collect())
}

/// A personal name: one line, not empty, at most [`NAME_CHARS_MAX`] characters, otherwise unchanged.
///
/// # Errors
/// `text-has-nul`, `text-has-control`, `text-empty`, `text-too-long`.
pub fn name(text: &str) -> Result<String, Problem> {
    line(text, NAME_CHARS_MAX)
}

/// One line of text: trimmed, not empty, at most `chars_max` characters, no control characters, and none of the
/// characters that turn the direction of writing (they let one text look like another).
///
/// # Errors
/// `text-has-nul`, `text-has-control`, `text-empty`, `text-too-long`.
pub fn line(text: &str, chars_max: usize) -> Result<String, Problem> {
    bounded(text, chars_max, |character| character.is_control() || turns_direction(character))
}

/// Text of several lines such as an opinion: as [`fn@line`], but line breaks and tabs stay; CR LF becomes LF.
///
/// # Errors
/// `text-has-nul`, `text-has-control`, `text-empty`, `text-too-long`.
pub fn paragraph(text: &str, chars_max: usize) -> Result<String, Problem> {
    refuse_nul(text)?;
    bounded(&text.replace("\r\n", "\n"), chars_max, |character| {
        (character.is_control() && character != '\n' && character != '\t') || turns_direction(character)
    })
}

/// The half-width form of a full-width digit or letter; any other character as it is.
pub fn half_width(character: char) -> char {
    let first_half = match character {
        '０'..='９' => '0',
        'Ａ'..='Ｚ' => 'A',
        'ａ'..='ｚ' => 'a',
        other => return other,
    };
    let first_full = match first_half {
        '0' => '０',
        'A' => 'Ａ',
        _ => 'ａ',
    };
    let distance = u32::from(character) - u32::from(first_full);
    char::from_u32(u32::from(first_half) + distance).unwrap_or(character)
}

fn bounded(text: &str, chars_max: usize, refused: impl Fn(char) -> bool) -> Result<String, Problem> {
    refuse_nul(text)?;
    let trimmed = trim(text);
    if trimmed.is_empty() {
        return Err(Problem::new("text-empty", "内容不能为空，请填写"));
    }
    if trimmed.chars().any(refused) {
        return Err(Problem::new("text-has-control", "内容含有不可见的控制字符，请删除后重新填写"));
    }
    if trimmed.chars().count() > chars_max {
        return Err(Problem::new("text-too-long", format!("内容不能超过{chars_max}个字，请删减")));
    }
    Ok(trimmed.to_owned())
}

fn refuse_nul(text: &str) -> Result<(), Problem> {
    if text.contains('\0') {
        return Err(Problem::new("text-has-nul", "内容含有空字符（NUL），请删除后重新填写"));
    }
    Ok(())
}

/// Blanks around a text, and the invisible marks that come along when it is copied from a page.
fn trim(text: &str) -> &str {
    text.trim_matches(|character: char| {
        character.is_whitespace() || matches!(character, '\u{200b}' | '\u{2060}' | '\u{feff}')
    })
}

fn turns_direction(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn makes_full_width_digits_and_letters_half_width() {
        assert_eq!(code("　４３０６０２１９９００１０１００３ｘ \u{feff}").unwrap(), "43060219900101003x");
        assert_eq!(code("ＡＺａｚ０９").unwrap(), "AZaz09");
    }

    #[test]
    fn keeps_rare_characters_and_the_middle_dot_of_names() {
        for kept in ["𠮷野", "阿依古丽·买买提", "欧阳𬭚", "Ｏ记"] {
            assert_eq!(name(&format!("  {kept}　")).unwrap(), kept);
        }
    }

    #[test]
    fn refuses_nul_everywhere() {
        for refused in [code("1\0"), name("张\0三"), line("\0", 9), paragraph("同意\0", 9)] {
            assert_eq!(refused.unwrap_err().code, "text-has-nul");
        }
    }

    #[test]
    fn refuses_what_cannot_be_seen_in_a_line() {
        assert_eq!(name("张\n三").unwrap_err().code, "text-has-control");
        assert_eq!(name("张\u{202e}三").unwrap_err().code, "text-has-control");
        assert_eq!(paragraph("一、\r\n\t二、", 9).unwrap(), "一、\n\t二、");
        assert_eq!(paragraph("响铃\u{7}", 9).unwrap_err().code, "text-has-control");
    }

    #[test]
    fn bounds_a_text_by_characters_and_not_by_bytes() {
        assert_eq!(line("湘𠮷湘", 3).unwrap(), "湘𠮷湘");
        assert_eq!(line("湘𠮷湘", 2).unwrap_err().code, "text-too-long");
        assert_eq!(name(" 　 ").unwrap_err().code, "text-empty");
    }

    proptest! {
        #[test]
        fn changes_nothing_the_second_time(text in "\\PC{0,40}") {
            let once = code(&text).unwrap();
            prop_assert_eq!(code(&once).unwrap(), once);
            if let Ok(once) = name(&text) {
                prop_assert_eq!(name(&once).unwrap(), once);
            }
        }
    }
}
