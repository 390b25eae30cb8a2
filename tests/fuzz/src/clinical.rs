//! Bodies of entries and fields of current state, as they lie in documents; numbers and dates as people write them.

use meguri_clinical::{
    CheckContext, Decimal, PartialDate, Wareki, bigrams, entry_kinds, fold, normalise_number, state_kinds,
};

/// What people write into one field; longer texts are folded in the same way and only cost more.
const LINE_CHARS_MAX: usize = 300;

/// Every kind reads the same bytes.
pub fn clinical(bytes: &[u8]) {
    for kind in entry_kinds() {
        let read = kind.decode(bytes);
        assert_eq!(read.is_ok(), kind.facts(bytes).is_ok(), "what is read has facts");
        let Ok(body) = read else { continue };
        let _ = kind.check(&body, &CheckContext::default());
        let _ = kind.encode_over(bytes, &body);
        if let Ok(stored) = kind.encode(&body) {
            let settled = kind.decode(&stored).expect("what was encoded");
            assert_eq!(kind.encode(&settled).as_ref(), Ok(&stored), "one stored form");
        }
    }
    for kind in state_kinds() {
        for field in kind.fields() {
            let name = if field.name.ends_with('/') { "localId/x" } else { field.name };
            let Ok(value) = kind.decode_field(name, bytes) else { continue };
            if let Ok(stored) = kind.encode_field(name, &value) {
                let settled = kind.decode_field(name, &stored).expect("what was encoded");
                assert_eq!(kind.encode_field(name, &settled).as_ref(), Ok(&stored), "one stored form");
            }
        }
    }
}

/// Numbers, dates and names in text.
pub fn clinical_text(bytes: &[u8]) {
    let text: String = String::from_utf8_lossy(bytes).chars().take(LINE_CHARS_MAX).collect();
    let number = normalise_number(&text);
    if Decimal::parse(&number).is_ok() {
        assert_eq!(normalise_number(&number), number, "normal is normal");
    }
    if let Ok(number) = Decimal::parse(&text) {
        assert_eq!(Decimal::parse(&number.to_string()), Ok(number));
        let _ = (number.to_f64(), number.tenth(), number.cmp_value(Decimal::new(1, 0)));
    }
    for date in [PartialDate::parse(&text).ok(), Wareki::parse(&text).ok()].into_iter().flatten() {
        assert_eq!(PartialDate::parse(&date.to_string()), Ok(date));
        let _ = (Wareki::of(date).map(|era| era.to_string()), date.age_years(date));
    }
    let folded = fold(&text);
    assert_eq!(fold(&folded), folded, "folded is folded");
    let _ = bigrams(&text);
}
