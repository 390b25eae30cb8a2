//! The first screen and the search: what they count is what a recount over the charts gives.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failing test may panic")]

mod desk;

use desk::Desk;
use serde_json::{Value, json};

fn names(rows: &Value) -> Vec<&str> {
    rows.as_array().unwrap().iter().map(|row| row["name"]["family"].as_str().unwrap()).collect()
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap()
}

#[test]
fn home_counts_what_waits_as_the_charts_do() {
    let desk = Desk::new();
    let sumi = desk.register("榎本", "スミ", "エノモト", "スミ", "1938-04-12");
    let tatsuo = desk.register("黒川", "辰雄", "クロカワ", "タツオ", "1946-11-03");
    let none = desk.call("home.show", json!({})).unwrap()["waiting"].clone();
    assert_eq!(none, json!({"conflicts": 0, "unsent": 0, "drafts": 0, "picturesMissing": 0}));
    for patient in [&sumi, &sumi, &tatsuo] {
        desk.write(patient, "note", json!({"s": "変わりない", "o": "", "a": "", "p": ""})).unwrap();
    }
    desk.draft(&tatsuo, "note", json!({"s": "書きかけ", "o": "", "a": "", "p": ""}));
    let home = desk.call("home.show", json!({})).unwrap();
    let mut unsent = 0;
    let mut conflicts = 0;
    for row in home["patients"].as_array().unwrap() {
        let id = &row["patientId"];
        let page = desk.call("chart.timeline", json!({"patientId": id})).unwrap();
        let here = page["entries"].as_array().unwrap().iter().filter(|e| e["receivedAt"].is_null()).count();
        assert_eq!(number(&row["unsentCount"]), here as u64);
        let open = desk.call("state.conflicts", json!({"patientId": id})).unwrap()["conflicts"].clone();
        assert_eq!(number(&row["conflicts"]), open.as_array().unwrap().len() as u64);
        unsent += here as u64;
        conflicts += number(&row["conflicts"]);
    }
    let drafts = desk.call("draft.list", json!({})).unwrap()["drafts"].as_array().unwrap().len() as u64;
    assert_eq!((unsent, drafts), (3, 1));
    assert_eq!(
        home["waiting"],
        json!({"conflicts": conflicts, "unsent": unsent, "drafts": drafts, "picturesMissing": 0})
    );
}

#[test]
fn the_search_puts_names_that_begin_so_first() {
    let desk = Desk::new();
    for (family, given, kana, given_kana, birth) in [
        ("秋葉", "桜", "アキバ", "サクラ", "1931-01-02"),
        ("佐久間", "灯子", "サクマ", "トウコ", "1940-05-06"),
        ("榎本", "幸", "エノモト", "サチ", "1938-04-12"),
        ("三枝", "ハル", "サエグサ", "ハル", "1944-07-08"),
    ] {
        desk.register(family, given, kana, given_kana, birth);
    }
    let find = |query: &str| desk.call("patient.search", json!({"query": query})).unwrap();
    assert_eq!(names(&find("さ")["rows"]), ["三枝", "佐久間", "秋葉", "榎本"]);
    assert_eq!(names(&find("")["rows"]), ["秋葉", "榎本", "三枝", "佐久間"]);
}
