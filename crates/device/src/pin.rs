//! The six digits that open a locked screen. The key stays in memory, so the
//! PIN protects a tablet on a table, not a stolen one: after five misses the
//! passphrase is needed. The digits are kept in memory only, beside the key.

use meguri_commands::{Code, Failure};
use zeroize::Zeroize;

/// Misses until the passphrase is needed.
pub const MISSES_MAX: u32 = 5;
const DIGITS: usize = 6;
const FIRST_WAIT_MS: i64 = 1_000;

/// A PIN and its misses.
#[derive(Clone)]
pub struct Pin {
    digits: [u8; DIGITS],
    misses: u32,
    wait_until_ms: i64,
}

impl std::fmt::Debug for Pin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pin").field("misses", &self.misses).finish_non_exhaustive()
    }
}

impl Drop for Pin {
    fn drop(&mut self) {
        self.digits.zeroize();
    }
}

impl Pin {
    /// Takes six digits that are neither one digit nor a run.
    ///
    /// # Errors
    /// `bad_pin`.
    pub fn new(pin: &str) -> Result<Pin, Failure> {
        let digits = parse(pin).ok_or(Code::BadPin)?;
        let step = |by: u8| digits.windows(2).all(|pair| matches!(pair, [a, b] if a.wrapping_add(by) == *b));
        if step(0) || step(1) || step(255) {
            return Err(Code::BadPin.into());
        }
        Ok(Pin { digits, misses: 0, wait_until_ms: 0 })
    }

    /// Misses left until the passphrase is needed.
    #[must_use]
    pub fn misses_left(&self) -> u32 {
        MISSES_MAX.saturating_sub(self.misses)
    }

    /// Milliseconds until the next try.
    #[must_use]
    pub fn wait_ms(&self, now_ms: i64) -> i64 {
        self.wait_until_ms.saturating_sub(now_ms).max(0)
    }

    /// Tries a PIN. A miss waits 1, 2, 4, 8 seconds; the fifth ends the PIN's use.
    ///
    /// # Errors
    /// `pin_spent`, `pin_wait{waitMs}`, `wrong_pin{left}`.
    pub fn attempt(&mut self, pin: &str, now_ms: i64) -> Result<(), Failure> {
        if self.misses_left() == 0 {
            return Err(Code::PinSpent.into());
        }
        let wait = self.wait_ms(now_ms);
        if wait > 0 {
            return Err(Code::PinWait.with("waitMs", wait));
        }
        let given = parse(pin).unwrap_or([255; DIGITS]);
        let differing = given.iter().zip(&self.digits).fold(0u8, |sum, (a, b)| sum | (a ^ b));
        if differing == 0 {
            self.misses = 0;
            return Ok(());
        }
        self.wait_until_ms = now_ms.saturating_add(FIRST_WAIT_MS << self.misses);
        self.misses += 1;
        if self.misses_left() == 0 {
            return Err(Code::PinSpent.into());
        }
        Err(Code::WrongPin.with("left", self.misses_left()))
    }

    /// The passphrase was given: misses are forgiven.
    pub fn forgive(&mut self) {
        self.misses = 0;
        self.wait_until_ms = 0;
    }
}

fn parse(pin: &str) -> Option<[u8; DIGITS]> {
    let digits: Vec<u8> = pin.bytes().filter(u8::is_ascii_digit).collect();
    if pin.len() == DIGITS { digits.try_into().ok() } else { None }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failing test may panic")]
    use super::Pin;
    use meguri_commands::Code;

    #[test]
    fn misses_wait_longer_and_end() {
        let mut pin = Pin::new("402915").unwrap();
        let mut now = 0;
        for (miss, wait) in [1_000, 2_000, 4_000, 8_000].into_iter().enumerate() {
            let failure = pin.attempt("000000", now).unwrap_err();
            assert_eq!(failure.code, Code::WrongPin, "miss {miss}");
            assert_eq!(pin.attempt("402915", now + wait - 1).unwrap_err().code, Code::PinWait);
            now += wait;
        }
        assert_eq!(pin.attempt("40291", now).unwrap_err().code, Code::PinSpent);
        assert_eq!(pin.attempt("402915", now + 100_000).unwrap_err().code, Code::PinSpent);
        pin.forgive();
        assert!(pin.attempt("402915", now).is_ok());
    }

    #[test]
    fn runs_are_no_pin() {
        for bad in ["111111", "123456", "987654", "12345", "1234567", "12a456", ""] {
            assert_eq!(Pin::new(bad).unwrap_err().code, Code::BadPin, "{bad}");
        }
    }
}
