//! `docs/ja/staff.md` against the machine: a chapter for each screen, and in it what the screen may offer.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

const PAGE: &str = include_str!("../../../../docs/ja/staff.md");

/// What the app shows on its screens, in Japanese.
const WORDS: &str = include_str!("../../../../android/app/src/main/res/values-ja/strings.xml");

fn word(name: &str) -> &'static str {
    let (_, behind) = WORDS.split_once(&format!("<string name=\"{name}\">")).unwrap();
    behind.split_once("</string>").unwrap().0
}

/// The title of the app's page.
fn chapter(view: &View) -> &'static str {
    word(match view {
        View::Terms { .. } => "terms",
        View::Settings { .. } => "settings",
        View::Registering => "registering",
        View::Home { .. } => "home",
        View::Pin { .. } => "pin",
        View::Warn { .. } => "warn",
        View::Consent { .. } => "consent",
        View::Staff { .. } => "staff_who",
        View::Number { .. } => "number",
        View::Hold { .. } => "hold",
        View::Look { .. } => "look",
        View::Name { .. } => "name",
        View::Sending => "sending",
        View::Kept { .. } => "kept",
        View::Answer { .. } => "answer",
        View::Problem { .. } => "problem",
        View::Stopped(_) => "stopped",
        View::Locked => "locked",
    })
}

/// The app's buttons; of what is chosen in a list, what is chosen.
fn labels(action: Action) -> Vec<&'static str> {
    let words: &[&str] = match action {
        Action::AgreeTerms => &["agree_terms"],
        Action::EnterSettings => &["scan", "type_settings"],
        Action::StartCheck => &["start_check"],
        Action::StartVisual => &["start_visual"],
        Action::UseVisual => &["use_visual"],
        Action::UsePin => &["use_pin"],
        Action::NameStaff => return vec!["担当者を選ぶ"],
        Action::TypePin | Action::TypeNumber => &["pin_done"],
        Action::Attest => &["attest"],
        Action::ConfirmName => &["confirm_name"],
        Action::DenyName => &["deny_name"],
        Action::Understand => &["understand"],
        Action::Agree => &["agree_last", "agree_last_number"],
        Action::TapAgain => &["tap_again"],
        Action::SendAgain => &["send_again"],
        Action::Choose => return vec!["資格を選ぶ"],
        Action::Export => &["copy", "share_text", "share_evidence"],
        Action::Cancel => &["cancel"],
        Action::NextPerson => &["next_person"],
        Action::Lock => &["lock"],
        Action::Unlock => &["unlock"],
        Action::AskAgain => &["ask_again"],
        Action::RegisterAgain => &["register_again"],
    };
    words.iter().copied().map(word).collect()
}

/// Pages of the app's own; that they have these buttons is held in `tests/kotlin`.
fn is_the_apps_own(title: &str) -> bool {
    let words = [
        "no_reader",
        "hold_still",
        "scan",
        "type_settings",
        "history",
        "connection",
        "facts",
        "register_again",
        "help",
    ];
    words.iter().any(|name| word(name) == title)
}

/// The page's chapters, each with what it says can be done, conditions in 〔〕 left out.
fn chapters() -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    let chapters = PAGE.split("\n### ").skip(1).map(|chapter| {
        let (title, text) = chapter.split_once('\n').unwrap();
        let offered = text.lines().find_map(|line| line.strip_prefix("できること：")).unwrap();
        let offered = offered.split('、').map(|label| label.split('〔').next().unwrap());
        (title, offered.filter(|label| *label != "なし").collect())
    });
    chapters.collect()
}

/// Shows every kind of screen that staff can meet, with everything that it may offer.
fn walk(mut show: impl FnMut(Screen)) {
    let mut new = Flow::new(Device::New(terms(1)), NOW).0;
    show(new.screen());
    for event in [Event::TermsAgreed, Event::SettingsGiven] {
        new.handle(event, NOW);
        show(new.screen());
    }
    for code in [Code::DeviceSuspended, Code::DeviceRevoked] {
        let mut flow = visual::home();
        flow.handle(Event::ServiceFailed(code), NOW);
        show(flow.screen());
    }
    for answer in [samples::valid(), samples::multiple()] {
        let (mut flow, ticket) = sending();
        flow.handle(answered(ticket, answer), NOW);
        show(flow.screen());
    }
    // From home, at the card, after the signature, after the photo: everything that can happen next, and after that.
    for begun in [&[][..], &[0, 1], &[0, 1, 9], &[24], &[23, 29], &[23, 29, 31], &[23, 29, 31, 35]] {
        for (next, then) in (0..40).flat_map(|next| (0..40).map(move |then| (next, then))) {
            let mut flow = visual::home();
            for number in begun.iter().copied().chain([next, then]) {
                flow.handle(any_event(number, Ticket(flow.last_ticket)), NOW);
                show(flow.screen());
                flow.handle(Event::ChallengesReady, NOW);
                show(flow.screen());
            }
        }
    }
}

#[test]
fn the_chapter_on_the_last_try_names_the_code_of_each_number() {
    let chapter = PAGE.split("\n### ").find(|chapter| chapter.starts_with(word("consent"))).unwrap();
    let mut codes = BTreeSet::new();
    walk(|screen| {
        if let View::Consent { code, .. } = screen.view {
            codes.insert(code);
        }
    });
    assert_eq!(codes, BTreeSet::from([Code::PinConsentNeeded, Code::PrintedConsentNeeded]));
    for code in codes {
        assert!(chapter.contains(code.as_str()), "{code}");
    }
}

#[test]
fn each_screen_has_its_chapter_and_the_chapter_says_what_can_be_done_there() {
    let mut offered: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    walk(|screen| {
        let labels = screen.actions.iter().flat_map(|action| labels(*action));
        offered.entry(chapter(&screen.view)).or_default().extend(labels);
    });
    // Offered once a registration was tried, with the settings of that time.
    offered.get_mut(word("settings")).unwrap().insert(word("give_again"));
    let written = chapters();
    for (chapter, labels) in &offered {
        assert_eq!(written.get(chapter), Some(labels), "{chapter}");
    }
    let others: Vec<_> = written.keys().filter(|title| !offered.contains_key(*title)).collect();
    assert!(others.iter().all(|title| is_the_apps_own(title)), "chapters without a screen: {others:?}");
}
