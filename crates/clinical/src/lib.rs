//! clinical.
