//! The demo region's thirty invented patients. Nobody here exists; any likeness is chance.

use serde_json::{Map, Value, json};

/// What a patient lives with; each has its own course in [`super::numbers`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// 慢性心不全: weight and oedema lead the course.
    HeartFailure,
    /// COPD with home oxygen; saturation target 88–92 %.
    CopdOnOxygen,
    /// 褥瘡: a sacral ulcer healing over weeks.
    PressureUlcer,
    /// がん終末期: pain, falling intake, more frequent visits.
    EndOfLifeCancer,
    /// 認知症: behaviour, sleep, meals, the carer's burden.
    Dementia,
    /// 脳梗塞後: blood pressure, swallowing, walking.
    Stroke,
    /// ALS: breathing and swallowing fail slowly.
    Als,
    /// 糖尿病: glucose, feet, insulin technique.
    Diabetes,
    /// パーキンソン病: wearing off, falls, constipation.
    Parkinson,
    /// 慢性腎臓病: pressure, weight, fluid.
    KidneyDisease,
    /// 大腿骨頸部骨折術後: walking again.
    HipFracture,
    /// 胃瘻: tube feeding, skin around the stoma.
    TubeFeeding,
}

/// Administrative sex as the identity record spells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sex {
    /// 女
    Female,
    /// 男
    Male,
}

/// One invented person.
#[derive(Clone, Copy, Debug)]
pub struct Person {
    /// Family name in kanji, variant characters included.
    pub family: &'static str,
    /// Given name.
    pub given: &'static str,
    /// Family name in katakana.
    pub family_kana: &'static str,
    /// Given name in katakana.
    pub given_kana: &'static str,
    /// Birth date, `YYYY-MM-DD`.
    pub birth_date: &'static str,
    /// Sex.
    pub sex: Sex,
    /// Address in the invented town of 南浜市.
    pub address: &'static str,
    /// Telephone, from the range that is never given out.
    pub phone: &'static str,
    /// What the course follows.
    pub condition: Condition,
    /// The usual systolic pressure in mmHg, from which the course varies.
    pub systolic: i64,
    /// The usual weight in tenths of a kilogram.
    pub weight_tenths: i64,
    /// Who lives with the patient and is quoted in the notes.
    pub carer: &'static str,
}

macro_rules! person {
    ($family:literal $given:literal, $fk:literal $gk:literal, $birth:literal, $sex:ident, $address:literal, $phone:literal, $condition:ident, $systolic:literal, $weight:literal, $carer:literal) => {
        Person {
            family: $family,
            given: $given,
            family_kana: $fk,
            given_kana: $gk,
            birth_date: $birth,
            sex: Sex::$sex,
            address: $address,
            phone: $phone,
            condition: Condition::$condition,
            systolic: $systolic,
            weight_tenths: $weight,
            carer: $carer,
        }
    };
}

/// All of them, in the order in which they are registered.
#[rustfmt::skip]
pub const PATIENTS: [Person; 30] = [
    person!("佐藤" "花子", "サトウ" "ハナコ", "1942-03-14", Female, "南浜市汐見町3-2-11", "0000-11-0101", HeartFailure, 132, 554, "長女"),
    person!("佐藤" "華子", "サトウ" "ハナコ", "1950-08-02", Female, "南浜市浜田1-8-4", "0000-11-0102", Diabetes, 138, 612, "夫"),
    person!("髙橋" "清", "タカハシ" "キヨシ", "1938-11-23", Male, "南浜市山辺字上ノ沢27", "0000-11-0103", CopdOnOxygen, 126, 498, "妻"),
    person!("𠮷田" "トメ", "ヨシダ" "トメ", "1931-01-05", Female, "南浜市松原2-5-9", "0000-11-0104", PressureUlcer, 118, 402, "長男の妻"),
    person!("山﨑" "茂", "ヤマサキ" "シゲル", "1947-06-30", Male, "南浜市汐見町1-14-3", "0000-11-0105", EndOfLifeCancer, 112, 517, "妻"),
    person!("渡邉" "ミツ", "ワタナベ" "ミツ", "1936-09-18", Female, "南浜市川端4-1-2", "0000-11-0106", Dementia, 128, 446, "次女"),
    person!("齋藤" "正一", "サイトウ" "ショウイチ", "1944-02-11", Male, "南浜市浜田3-6-15", "0000-11-0107", Stroke, 142, 603, "妻"),
    person!("小野" "和夫", "オノ" "カズオ", "1958-12-01", Male, "南浜市新町5-10-7", "0000-11-0108", Als, 120, 521, "妻"),
    person!("鈴木" "文子", "スズキ" "フミコ", "1940-04-27", Female, "南浜市山辺字中里103", "0000-11-0109", HeartFailure, 124, 487, "夫"),
    person!("伊藤" "勇", "イトウ" "イサム", "1949-10-09", Male, "南浜市川端2-9-1", "0000-11-0110", Diabetes, 144, 702, "ひとり暮らし"),
    person!("加藤" "キヨ", "カトウ" "キヨ", "1933-07-16", Female, "南浜市松原4-3-8", "0000-11-0111", HipFracture, 136, 431, "長男"),
    person!("五十嵐" "弘", "イガラシ" "ヒロシ", "1946-05-22", Male, "南浜市新町2-2-20", "0000-11-0112", Parkinson, 116, 558, "妻"),
    person!("阿部" "春江", "アベ" "ハルエ", "1939-03-03", Female, "南浜市汐見町6-1-5", "0000-11-0113", Stroke, 138, 476, "長女"),
    person!("本間" "武", "ホンマ" "タケシ", "1935-08-29", Male, "南浜市山辺字下田45", "0000-11-0114", CopdOnOxygen, 130, 462, "長男の妻"),
    person!("菅原" "サダ", "スガワラ" "サダ", "1929-12-20", Female, "南浜市川端1-7-6", "0000-11-0115", PressureUlcer, 122, 378, "孫"),
    person!("土田" "昭三", "ツチダ" "ショウゾウ", "1943-01-31", Male, "南浜市浜田5-4-2", "0000-11-0116", KidneyDisease, 148, 588, "妻"),
    person!("富樫" "幸子", "トガシ" "サチコ", "1952-07-07", Female, "南浜市新町1-3-12", "0000-11-0117", EndOfLifeCancer, 108, 432, "夫"),
    person!("三浦" "栄", "ミウラ" "サカエ", "1937-05-05", Male, "南浜市松原1-12-4", "0000-11-0118", Dementia, 134, 529, "妻"),
    person!("大川" "ヨシ", "オオカワ" "ヨシ", "1934-10-10", Female, "南浜市汐見町2-8-8", "0000-11-0119", TubeFeeding, 114, 396, "長女"),
    person!("長谷川" "明", "ハセガワ" "アキラ", "1951-09-25", Male, "南浜市川端3-3-3", "0000-11-0120", Diabetes, 136, 744, "妻"),
    person!("石川" "節子", "イシカワ" "セツコ", "1945-11-11", Female, "南浜市山辺字坂ノ上8", "0000-11-0121", Parkinson, 118, 445, "夫"),
    person!("工藤" "実", "クドウ" "ミノル", "1941-02-02", Male, "南浜市新町4-6-9", "0000-11-0122", HeartFailure, 118, 633, "妻"),
    person!("池田" "フサ", "イケダ" "フサ", "1930-06-15", Female, "南浜市松原3-1-1", "0000-11-0123", HipFracture, 140, 412, "次男"),
    person!("上野" "隆", "ウエノ" "タカシ", "1955-04-18", Male, "南浜市浜田2-7-13", "0000-11-0124", Als, 116, 548, "妻"),
    person!("今井" "静", "イマイ" "シズカ", "1948-12-24", Female, "南浜市汐見町4-4-10", "0000-11-0125", KidneyDisease, 142, 493, "長女"),
    person!("村上" "勝", "ムラカミ" "マサル", "1939-09-09", Male, "南浜市川端5-2-7", "0000-11-0126", Stroke, 146, 618, "妻"),
    person!("遠藤" "チヨ", "エンドウ" "チヨ", "1932-03-28", Female, "南浜市山辺字宮前61", "0000-11-0127", Dementia, 120, 409, "長男の妻"),
    person!("青木" "進", "アオキ" "ススム", "1950-01-17", Male, "南浜市新町3-9-2", "0000-11-0128", CopdOnOxygen, 128, 534, "妻"),
    person!("井上" "トシ", "イノウエ" "トシ", "1935-05-30", Female, "南浜市松原5-5-6", "0000-11-0129", PressureUlcer, 126, 421, "長女"),
    person!("坂本" "良子", "サカモト" "リョウコ", "1953-10-03", Female, "南浜市浜田4-2-18", "0000-11-0130", EndOfLifeCancer, 116, 468, "長男"),
];

impl Person {
    /// The fields of the kind `identity`.
    pub fn identity(&self) -> Map<String, Value> {
        let sex = match self.sex {
            Sex::Female => "female",
            Sex::Male => "male",
        };
        let fields = json!({
            "name": {"family": self.family, "given": self.given},
            "kana": {"family": self.family_kana, "given": self.given_kana},
            "birthDate": self.birth_date,
            "sex": sex,
            "address": self.address,
            "phone": self.phone,
        });
        if let Value::Object(fields) = fields { fields } else { Map::new() }
    }
}
