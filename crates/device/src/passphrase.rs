//! What a passphrase must be: at least 8 characters beside a keystore, 13
//! without one, not easily guessed, and not on the list of what people here
//! choose first.

use meguri_commands::{Code, Failure};

/// Least characters beside an OS keystore.
pub const CHARACTERS_MIN_KEYSTORE: usize = 8;
/// Least characters without one.
pub const CHARACTERS_MIN_ALONE: usize = 13;
/// Longest, so that a paste does not become minutes of work.
pub const CHARACTERS_MAX: usize = 256;
/// Least zxcvbn score beside a keystore, whose secret a guesser needs too.
const SCORE_MIN_KEYSTORE: u8 = 2;
/// Least zxcvbn score without one.
const SCORE_MIN_ALONE: u8 = 3;

/// Words that stand in no passphrase on their own; compared in lower case without digits at the end.
const BLOCKED: &[&str] = &[
    "meguri",
    "megurimeguri",
    "meguricare",
    "password",
    "passphrase",
    "houmonkango",
    "kangoshi",
    "kango",
    "byouin",
    "clinic",
    "hospital",
    "station",
    "nurse",
    "nursenurse",
    "tsuruoka",
    "shonai",
    "yamagata",
    "zaitakuiryou",
    "zaitaku",
    "kaigo",
    "ひらけごま",
    "めぐりめぐり",
    "訪問看護",
    "訪問看護ステーション",
    "パスワード",
];

/// The strength (0 to 4) of an acceptable passphrase.
///
/// # Errors
/// `passphrase_short{min}`, `passphrase_weak{score}`.
pub fn check(passphrase: &str, keystore: bool) -> Result<u8, Failure> {
    let min = if keystore { CHARACTERS_MIN_KEYSTORE } else { CHARACTERS_MIN_ALONE };
    let score_min = if keystore { SCORE_MIN_KEYSTORE } else { SCORE_MIN_ALONE };
    let characters = passphrase.chars().count();
    if characters < min || characters > CHARACTERS_MAX {
        return Err(Code::PassphraseShort.with("min", min));
    }
    let lower = passphrase.to_lowercase();
    let word = lower.trim_end_matches(|c: char| c.is_ascii_digit() || c.is_ascii_punctuation());
    let first: Option<char> = lower.chars().next();
    let one_character = lower.chars().all(|c| Some(c) == first);
    let score = u8::from(zxcvbn::zxcvbn(passphrase, BLOCKED).score());
    if BLOCKED.contains(&word) || word.is_empty() || one_character || score < score_min {
        return Err(Code::PassphraseWeak.with("score", score));
    }
    Ok(score)
}

#[cfg(test)]
mod tests {
    use super::check;
    use meguri_commands::Code;

    fn code(passphrase: &str, keystore: bool) -> Option<Code> {
        check(passphrase, keystore).err().map(|failure| failure.code)
    }

    #[test]
    fn a_keystore_allows_shorter_ones() {
        assert_eq!(code("kumo7-Wx", true), None);
        assert_eq!(code("kumo7-Wx", false), Some(Code::PassphraseShort));
        assert_eq!(code("yuki to sumire no michi", false), None);
    }

    #[test]
    fn what_everybody_chooses_is_refused() {
        for weak in
            ["password2026", "めぐりめぐり2026!!!", "訪問看護ステーション123", "aaaaaaaaaaaaaaaa", "12345678901234567"]
        {
            assert_eq!(code(weak, true), Some(Code::PassphraseWeak), "{weak}");
        }
    }
}
