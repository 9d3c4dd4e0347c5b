//! What is known to fail.

/// Program and check. To mend one is to take it off; a test fails when it passes and is still here.
pub(crate) const EXPECTED_FAILURES: &[(&str, &str)] = &[];
