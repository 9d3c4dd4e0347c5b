//! A copy of the package with all mutants woven in, and what the compiler's errors say about them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::Failure;
use crate::mutant::Mutant;
use crate::sites::{Site, Sites};
use crate::weave::{Cloth, Woven, stripped};

/// What became of a mutant before any test ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// In the build, behind a switch.
    Woven,
    /// Its code does not compile.
    Unviable,
    /// It decides at compile time, or returns a type without a name: no switch can be before it.
    Apart,
}

/// The copy.
pub struct Loom {
    pub mutants: Vec<Mutant>,
    pub fates: Vec<Fate>,
    /// The number of each mutant's site, and the mutant's own.
    pub numbers: Vec<(u32, u32)>,
    tree: PathBuf,
    sources: BTreeMap<String, (String, Sites)>,
    woven: HashMap<String, Woven>,
    /// Functions that stay `const`, by file and place.
    kept: HashSet<(String, usize)>,
    switch: String,
}

impl Loom {
    /// For the package at `root`, of which `tree` is the copy.
    pub fn new(
        mutants: Vec<Mutant>,
        root: &Path,
        tree: PathBuf,
        work: &Path,
    ) -> Result<Self, Failure> {
        let mut sources = BTreeMap::new();
        let library = [&"src/lib.rs".to_owned()];
        for file in mutants.iter().map(|mutant| &mutant.file).chain(library) {
            if !sources.contains_key(file) {
                let source = fs::read_to_string(root.join(file))?;
                let sites = Sites::of(&source).map_err(|error| format!("{file}: {error}"))?;
                sources.insert(file.clone(), (source, sites));
            }
        }
        let place = |name| work.join(name).to_string_lossy().into_owned();
        let switch = include_str!("switch.rs.txt")
            .replace("@SWITCH@", &place("switch"))
            .replace("@REACHED@", &place("reached"))
            .replace("@SITES@", &(mutants.len() + 1).to_string());
        let fate = |mutant: &Mutant| match sources[&mutant.file].1.find(mutant) {
            Some(_) => Fate::Woven,
            None => Fate::Apart,
        };
        let fates = mutants.iter().map(fate).collect();
        let (numbers, kept) = (vec![(0, 0); mutants.len()], HashSet::new());
        let woven = HashMap::new();
        Ok(Self { mutants, fates, numbers, tree, sources, woven, kept, switch })
    }

    /// Whether the copy of a file is written here.
    pub fn weaves(&self, file: &str) -> bool {
        self.sources.contains_key(file)
    }

    /// What the sources and their mutants are, in a number.
    fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.sources.iter().for_each(|(file, (source, _))| (file, source).hash(&mut hasher));
        self.mutants.iter().for_each(|mutant| mutant.name.hash(&mut hasher));
        hasher.finish()
    }

    /// Keeps what was learned for the next run, as long as no source changes.
    pub fn save(&self, path: &Path) -> Result<(), Failure> {
        let mut text = format!("{}\n", self.fingerprint());
        for (mutant, fate) in self.mutants.iter().zip(&self.fates) {
            text.push_str(&format!("{fate:?}\t{}\n", mutant.name));
        }
        for (file, word) in &self.kept {
            text.push_str(&format!("{word}\t{file}\n"));
        }
        Ok(fs::write(path, text)?)
    }

    /// Begins with what the last run learned.
    pub fn load(&mut self, path: &Path) {
        let text = fs::read_to_string(path).unwrap_or_default();
        let mut lines = text.lines();
        if lines.next() != Some(&self.fingerprint().to_string()) {
            return;
        }
        let mut fates = Vec::new();
        for (what, name) in lines.filter_map(|line| line.split_once('\t')) {
            match (what, what.parse()) {
                (_, Ok(word)) => drop(self.kept.insert((name.to_owned(), word))),
                ("Woven", _) => fates.push(Fate::Woven),
                ("Unviable", _) => fates.push(Fate::Unviable),
                _ => fates.push(Fate::Apart),
            }
        }
        self.fates = fates; // the names are those of the fingerprint, in the same order
    }

    /// Writes all files with the mutants that are still woven.
    pub fn write(&mut self) -> Result<(), Failure> {
        let mut next = 1;
        let files: Vec<String> = self.sources.keys().cloned().collect();
        for file in files {
            let mut woven = self.cloth(&file, &mut next).weave();
            if file == "src/lib.rs" {
                woven.text.push_str(&self.switch);
            }
            write_changed(&self.tree.join(&file), woven.text.as_bytes())?;
            self.woven.insert(file, woven);
        }
        Ok(())
    }

    fn cloth(&mut self, file: &str, next: &mut u32) -> Cloth<'_> {
        let (source, found) = &self.sources[file];
        let mut sites: BTreeMap<Site, Vec<usize>> = BTreeMap::new();
        for (index, mutant) in self.mutants.iter().enumerate() {
            if mutant.file == file && self.fates[index] == Fate::Woven {
                sites.entry(found.find(mutant).expect("found before")).or_default().push(index);
            }
        }
        let mut numbers = HashMap::new();
        for (site, mutants) in &sites {
            let first = *next;
            numbers.insert(*site, first);
            for &mutant in mutants {
                self.numbers[mutant] = (first, *next);
                *next += 1;
            }
        }
        let kept = |word: usize| self.kept.contains(&(file.to_owned(), word));
        let stripped = stripped(&found.const_fns, |function| kept(function.word.start));
        Cloth { source, mutants: &self.mutants, sites, stripped, numbers }
    }

    /// Takes out the mutants that an error is about. Fails if it is about none.
    pub fn learn(&mut self, error: &Value) -> Result<(), Failure> {
        let message = error["message"].as_str().unwrap_or_default();
        let named = message.split('`').nth(1).unwrap_or_default();
        let learned = match error["code"]["code"].as_str() {
            Some("E0015") if named.ends_with("pick_mutant") => self.drop_site(error, Fate::Apart),
            Some("E0015") => self.keep_const(named),
            _ => self.drop_mutants(error) || self.drop_site(error, Fate::Apart),
        };
        if learned {
            return Ok(());
        }
        Err(error["rendered"].as_str().unwrap_or(message).to_owned().into())
    }

    /// Lets the functions of a name be `const` again, without mutants in them.
    fn keep_const(&mut self, named: &str) -> bool {
        let named = without_generics(named);
        let mut learned = false;
        for (file, (_, found)) in &self.sources {
            for function in &found.const_fns {
                let same =
                    named == function.name || named.ends_with(&format!("::{}", function.name));
                if !same || !self.kept.insert((file.clone(), function.word.start)) {
                    continue;
                }
                learned = true;
                for (mutant, fate) in self.mutants.iter().zip(&mut self.fates) {
                    let inside =
                        &mutant.file == file && function.body.contains(&mutant.range.start);
                    if inside && *fate == Fate::Woven {
                        *fate = Fate::Apart;
                    }
                }
            }
        }
        // One that an earlier error of the same build named is done.
        learned || self.kept_name(&named)
    }

    fn kept_name(&self, named: &str) -> bool {
        self.sources.iter().any(|(file, (_, found))| {
            found.const_fns.iter().any(|function| {
                (named == function.name || named.ends_with(&format!("::{}", function.name)))
                    && self.kept.contains(&(file.clone(), function.word.start))
            })
        })
    }

    /// Mutants in whose code the compiler points: first where it says that the error is, then
    /// where it says why.
    fn drop_mutants(&mut self, error: &Value) -> bool {
        let mut spans = spans(error);
        spans.sort_by_key(|span| !span.primary);
        for span in spans {
            let Some(woven) = self.woven.get(&span.file) else { continue };
            let mut hit = woven.mutants.iter().filter(|(range, _)| range.contains(&span.start));
            if let Some(&(_, mutant)) = hit.next() {
                self.fates[mutant] = Fate::Unviable;
                return true;
            }
        }
        false
    }

    /// All mutants of the narrowest site around the error.
    fn drop_site(&mut self, error: &Value, fate: Fate) -> bool {
        let mut around = Vec::new();
        for span in spans(error).iter().filter(|span| span.primary) {
            let Some(woven) = self.woven.get(&span.file) else { continue };
            let sites = woven.sites.iter();
            around.extend(sites.filter(|(range, _)| range.contains(&span.start)));
        }
        let Some((_, mutants)) = around.iter().min_by_key(|(range, _)| range.len()) else {
            return false;
        };
        for &mutant in mutants {
            self.fates[mutant] = fate;
        }
        true
    }
}

/// Writes a file if it would change: what is older than its build is not built again.
pub fn write_changed(path: &Path, content: &[u8]) -> Result<(), Failure> {
    if fs::read(path).ok().as_deref() != Some(content) {
        fs::create_dir_all(path.parent().ok_or("a file without a folder")?)?;
        fs::write(path, content)?;
    }
    Ok(())
}

/// `a::Head::<'_>::new` as `a::Head::new`.
fn without_generics(path: &str) -> String {
    let (mut plain, mut depth) = (String::new(), 0_u32);
    for c in path.replace("::<", "<").chars() {
        match c {
            '<' => depth += 1,
            '>' => depth = depth.saturating_sub(1),
            _ if depth == 0 => plain.push(c),
            _ => {}
        }
    }
    plain
}

struct Place {
    file: String,
    start: usize,
    primary: bool,
}

/// Where an error, and the notes under it, point.
fn spans(error: &Value) -> Vec<Place> {
    let own = error["spans"].as_array().into_iter().flatten().filter_map(|span| {
        Some(Place {
            file: span["file_name"].as_str()?.to_owned(),
            start: usize::try_from(span["byte_start"].as_u64()?).ok()?,
            primary: span["is_primary"] == true,
        })
    });
    let mut all: Vec<Place> = own.collect();
    for note in error["children"].as_array().into_iter().flatten() {
        all.extend(spans(note).into_iter().map(|place| Place { primary: false, ..place }));
    }
    all
}
