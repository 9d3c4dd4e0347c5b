//! The same bytes, cut in every way that matters.

/// Up to this length, an input is cut at every point; above it, it comes byte by byte instead.
const EVERY_CUT: usize = 1024;

/// Runs `outcome` with each way to cut `length` bytes: how many bytes are there, time after time.
pub(crate) fn every_way(
    length: usize,
    mut outcome: impl FnMut(&mut dyn Iterator<Item = usize>) -> Result<(), String>,
) -> Result<(), String> {
    let mut run = |label: String, lengths: &mut dyn Iterator<Item = usize>| {
        outcome(lengths).map_err(|reason| format!("{label}: {reason}"))
    };
    run("whole".into(), &mut [length].into_iter())?;
    run("byte by byte".into(), &mut (0..=length))?;
    for cut in (0..length).take_while(|_| length <= EVERY_CUT) {
        run(format!("cut at {cut}"), &mut [cut, length].into_iter())?;
    }
    Ok(())
}
