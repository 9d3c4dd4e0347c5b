//! Weaves mutants into a source: each behind a switch that is read at run time.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use crate::mutant::{Genre, Mutant};
use crate::sites::{ConstFn, Site, Weave};

/// What is called for the number of the mutant that is on, among those of a site.
const PICK: &str = "crate::mutant_switch::pick_mutant";

/// A woven source, with what a compiler's errors have to be traced to.
#[derive(Default)]
pub struct Woven {
    pub text: String,
    /// The code of a mutant, in `text`.
    pub mutants: Vec<(Range<usize>, usize)>,
    /// The code of a site, in `text`, with the mutants in it.
    pub sites: Vec<(Range<usize>, Vec<usize>)>,
}

/// A file that is woven: mutants are given by their index in the whole list.
pub struct Cloth<'a> {
    pub source: &'a str,
    pub mutants: &'a [Mutant],
    /// In the order of the source, each with its mutants.
    pub sites: BTreeMap<Site, Vec<usize>>,
    /// The words `const` that are left out.
    pub stripped: Vec<Range<usize>>,
    /// The first number of each site.
    pub numbers: HashMap<Site, u32>,
}

impl Cloth<'_> {
    pub fn weave(&self) -> Woven {
        let mut woven = Woven::default();
        let mut sites: Vec<Site> = self.sites.keys().copied().collect();
        sites.sort_by_key(|&(start, weave, end)| {
            // What precedes a body is before the expressions that begin there; the wider is first.
            (start, weave != Weave::Return, usize::MAX - end, weave)
        });
        self.emit(0..self.source.len(), &mut &sites[..], &mut woven);
        woven
    }

    /// Appends a range of the source with all sites that begin in it.
    fn emit(&self, range: Range<usize>, sites: &mut &[Site], woven: &mut Woven) {
        let mut at = range.start;
        while let Some((&site, rest)) = sites.split_first()
            && site.0 < range.end
        {
            *sites = rest;
            self.plain(at..site.0, woven);
            self.site(site, sites, woven);
            at = site.2;
        }
        self.plain(at..range.end, woven);
    }

    /// Appends a range without sites.
    fn plain(&self, range: Range<usize>, woven: &mut Woven) {
        let mut at = range.start;
        for word in self.stripped.iter().filter(|word| range.contains(&word.start)) {
            woven.text.push_str(&self.source[at..word.start]);
            at = word.end;
        }
        woven.text.push_str(&self.source[at..range.end]);
    }

    fn site(&self, site: Site, sites: &mut &[Site], woven: &mut Woven) {
        let (start, weave, end) = site;
        let (mutants, number) = (&self.sites[&site], self.numbers[&site]);
        let begin = woven.text.len();
        let pick = format!("{PICK}({number}, {})", mutants.len());
        match weave {
            Weave::Return => {
                woven.text.push_str(&format!("match {pick} {{ 0 => {{}}"));
                self.arms(mutants, "return ", woven, |mutant| mutant.replacement.clone());
                woven.text.push_str(" }\n");
            }
            Weave::NewGuard => woven.text.push_str(&format!(" if {pick} == 0")),
            Weave::Condition => {
                woven.text.push_str(&format!("{pick} == 0 && ("));
                self.emit(start..end, sites, woven);
                woven.text.push(')');
            }
            Weave::Choice => {
                woven.text.push_str(&format!("(match {pick} {{ 0 => "));
                self.emit(start..end, sites, woven);
                self.arms(mutants, "", woven, |mutant| edited(self.source, start..end, mutant));
                woven.text.push_str(" })");
            }
        }
        woven.sites.push((begin..woven.text.len(), mutants.clone()));
    }

    fn arms(
        &self,
        mutants: &[usize],
        verb: &str,
        woven: &mut Woven,
        code: impl Fn(&Mutant) -> String,
    ) {
        for (number, &mutant) in (1..).zip(mutants) {
            woven.text.push_str(&format!(", {number} => "));
            let begin = woven.text.len();
            woven.text.push_str(verb);
            woven.text.push_str(&code(&self.mutants[mutant]));
            woven.mutants.push((begin..woven.text.len(), mutant));
        }
        woven.text.push_str(", _ => core::unreachable!()");
    }
}

/// A range of the source with a mutant's change.
pub fn edited(source: &str, range: Range<usize>, mutant: &Mutant) -> String {
    let Range { start, end } = mutant.range;
    let mut after = &source[end..range.end];
    if mutant.genre == Genre::Field {
        after = after.trim_start().trim_start_matches(','); // where the span is without it
    }
    format!("{}{}{after}", &source[range.start..start], mutant.replacement)
}

/// The words `const` of the functions that are not kept, with the blank behind them.
pub fn stripped(const_fns: &[ConstFn], kept: impl Fn(&ConstFn) -> bool) -> Vec<Range<usize>> {
    let left_out = const_fns.iter().filter(|function| !kept(function));
    left_out.map(|function| function.word.clone()).collect()
}
