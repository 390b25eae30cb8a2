//! One form for searching: width, kana, case and variant kanji no longer matter.

use unicode_normalization::UnicodeNormalization;

/// Variant kanji of names and the form they are searched by. Both spellings stay as written in the record.
const VARIANTS: [(char, char); 34] = [
    ('髙', '高'),
    ('﨑', '崎'),
    ('嵜', '崎'),
    ('碕', '崎'),
    ('𠮷', '吉'),
    ('邉', '辺'),
    ('邊', '辺'),
    ('齋', '斎'),
    ('齊', '斎'),
    ('斉', '斎'),
    ('澤', '沢'),
    ('濱', '浜'),
    ('濵', '浜'),
    ('廣', '広'),
    ('嶋', '島'),
    ('嶌', '島'),
    ('眞', '真'),
    ('惠', '恵'),
    ('櫻', '桜'),
    ('國', '国'),
    ('德', '徳'),
    ('瀨', '瀬'),
    ('桒', '桑'),
    ('藪', '薮'),
    ('槇', '槙'),
    ('淵', '渕'),
    ('彌', '弥'),
    ('龍', '竜'),
    ('榮', '栄'),
    ('壽', '寿'),
    ('條', '条'),
    ('關', '関'),
    ('冨', '富'),
    ('神', '神'),
];

/// Folds text for search: NFKC (half-width kana and full-width Latin included), hiragana to katakana, lower case,
/// variant kanji to their common form, long runs of white space to one space. Idempotent.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut out = Spaced::with_capacity(text.len());
    for c in text.chars() {
        match alone(c) {
            Some(c) => out.push(c),
            None => return fold_any(text),
        }
    }
    out.text
}

/// What NFKC and lower case make of a character whatever stands beside it; nothing where that is another matter.
/// Nearly all of a Japanese record is made of these, and a table look-up per character costs more than the rest.
fn alone(c: char) -> Option<char> {
    Some(match c {
        '\0'..='\x7f' => c.to_ascii_lowercase(),
        '\u{3000}' => ' ',
        '、'..='〠' | 'ぁ'..='ゖ' | 'ゝ' | 'ゞ' | 'ァ'..='ヾ' | '一'..='\u{9fff}' => c,
        // Full-width forms of ASCII.
        '！'..='～' => char::from_u32(u32::from(c) - 0xfee0)?.to_ascii_lowercase(),
        _ => return None,
    })
}

fn fold_any(text: &str) -> String {
    let mut out = Spaced::with_capacity(text.len());
    text.nfkc().flat_map(char::to_lowercase).for_each(|c| out.push(c));
    // Katakana composes where hiragana cannot: ワ with a voiced mark is ヷ.
    out.text.nfkc().collect()
}

/// Folded text with single spaces between its words.
struct Spaced {
    text: String,
    space: bool,
}

impl Spaced {
    fn with_capacity(bytes: usize) -> Self {
        Self { text: String::with_capacity(bytes), space: false }
    }

    fn push(&mut self, c: char) {
        if c.is_whitespace() {
            self.space = !self.text.is_empty();
            return;
        }
        if std::mem::take(&mut self.space) {
            self.text.push(' ');
        }
        self.text.push(fold_char(c));
    }
}

fn fold_char(c: char) -> char {
    match c {
        'ぁ'..='ゖ' | 'ゝ' | 'ゞ' => char::from_u32(u32::from(c) + 0x60).unwrap_or(c),
        '‐' | '‑' | '–' | '—' | '−' => '-',
        _ => VARIANTS.iter().find(|(from, _)| *from == c).map_or(c, |(_, to)| *to),
    }
}

/// Overlapping pairs of the folded text, word by word: `患者番号` gives `患者 者番 番号 号`. The last character stands
/// alone, so that a one-character search by prefix finds it.
#[must_use]
pub fn bigrams(text: &str) -> String {
    let mut out = String::new();
    for word in fold(text).split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()) {
        let mut chars = word.chars().peekable();
        while let Some(c) = chars.next() {
            if !out.is_empty() {
                out.push(' ');
            }
            out.push(c);
            out.extend(chars.peek());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn width_kana_and_variants_do_not_matter() {
        assert_eq!(fold("ｻﾄｳ ﾊﾅｺ"), "サトウ ハナコ");
        assert_eq!(fold("さとう　はなこ"), "サトウ ハナコ");
        assert_eq!(fold("髙橋"), "高橋");
        assert_eq!(fold("山﨑"), "山崎");
        assert_eq!(fold("𠮷田"), "吉田");
        assert_eq!(fold("渡邉"), fold("渡邊"));
        assert_eq!(fold("ＡＢＣ１２３"), "abc123");
        assert_eq!(fold("ｶﾞ"), "ガ");
    }

    #[test]
    fn pairs_overlap_and_the_last_stands_alone() {
        assert_eq!(bigrams("患者番号"), "患者 者番 番号 号");
        assert_eq!(bigrams("浮腫、息切れ。"), "浮腫 腫 息切 切レ レ");
        assert_eq!(bigrams(""), "");
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in ".{0,40}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }

        #[test]
        fn the_short_way_is_the_long_way(text in "[ -~　-〠ぁ-ヿ一-鿿！-～髙﨑嶋龍]{0,40}") {
            prop_assert_eq!(fold(&text), fold_any(&text));
        }
    }
}
