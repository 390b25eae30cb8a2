//! Names that are easily taken for one another (clinical rules G.18).

use crate::fold::fold;
use crate::time::PartialDate;

/// How two names are alike, the most dangerous first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Similarity {
    /// 同姓同名: written alike once variant kanji are folded.
    SameName,
    /// The same reading, written differently: 佐藤花子 and 佐藤華子.
    SameKana,
    /// 一字違い: one character of kanji or of kana differs, or is missing.
    OneCharacter,
}

/// (family, given, family kana, given kana).
pub type NameParts<'a> = (&'a str, &'a str, &'a str, &'a str);

/// How alike two names are; `None` when they can hardly be confused.
#[must_use]
pub fn similarity(a: NameParts<'_>, b: NameParts<'_>) -> Option<Similarity> {
    let joined = |family: &str, given: &str| fold(&format!("{family}{given}")).replace(' ', "");
    let (kanji_a, kanji_b) = (joined(a.0, a.1), joined(b.0, b.1));
    let (kana_a, kana_b) = (joined(a.2, a.3), joined(b.2, b.3));
    let both = |x: &str, y: &str| !x.is_empty() && !y.is_empty();
    if both(&kanji_a, &kanji_b) && kanji_a == kanji_b {
        Some(Similarity::SameName)
    } else if both(&kana_a, &kana_b) && kana_a == kana_b {
        Some(Similarity::SameKana)
    } else if (both(&kanji_a, &kanji_b) && one_apart(&kanji_a, &kanji_b))
        || (both(&kana_a, &kana_b) && one_apart(&kana_a, &kana_b))
    {
        Some(Similarity::OneCharacter)
    } else {
        None
    }
}

/// Whether two names are similar at all.
#[must_use]
pub fn similar_name(a: NameParts<'_>, b: NameParts<'_>) -> bool {
    similarity(a, b).is_some()
}

/// Whether two birth dates, both complete, are the same day.
#[must_use]
pub fn same_birth_date(a: PartialDate, b: PartialDate) -> bool {
    a.day.is_some() && a == b
}

/// One character replaced, added or left out; names of fewer than three characters are too short to tell.
fn one_apart(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let (short, long) = if a.len() <= b.len() { (&a, &b) } else { (&b, &a) };
    if short.len() < 3 || long.len() - short.len() > 1 {
        return false;
    }
    let head = short.iter().zip(long.iter()).take_while(|(x, y)| x == y).count();
    let tail_of = |skip: usize| short.iter().skip(head + skip).eq(long.iter().skip(head + 1));
    if short.len() == long.len() { head < short.len() && tail_of(1) } else { tail_of(0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_hanakos() {
        let flower = ("佐藤", "花子", "サトウ", "ハナコ");
        assert_eq!(similarity(flower, ("佐藤", "華子", "サトウ", "ハナコ")), Some(Similarity::SameKana));
        assert_eq!(similarity(flower, ("佐藤", "花子", "サトウ", "ハナコ")), Some(Similarity::SameName));
        assert_eq!(similarity(flower, ("佐藤", "花江", "サトウ", "ハナエ")), Some(Similarity::OneCharacter));
        assert_eq!(similarity(flower, ("佐東", "花子", "サトウ", "ハナコ")), Some(Similarity::SameKana));
        assert_eq!(similarity(flower, ("鈴木", "文子", "スズキ", "フミコ")), None);
    }

    #[test]
    fn variants_are_the_same_name() {
        let a = ("髙橋", "清", "タカハシ", "キヨシ");
        assert_eq!(similarity(a, ("高橋", "清", "たかはし", "きよし")), Some(Similarity::SameName));
    }

    #[test]
    fn short_names_are_not_one_apart() {
        assert!(!similar_name(("森", "誠", "", ""), ("林", "誠", "", "")));
    }
}
