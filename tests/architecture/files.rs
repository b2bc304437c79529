//! The import graph of one crate's files, read with a parser of Rust.
//!
//! An import counts for the file that defines the name, not for a file that passes it on: `super::Model` is an import of
//! `loaded.rs` where `lib.rs` has `pub use loaded::Model`. Re-exports themselves are no imports, and tests do not count.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemMod, ItemUse, Visibility};

/// A module by the names of its parents and its own; the root of the crate is empty.
pub(crate) type Module = Vec<String>;

/// One file: what it imports, and which names it passes on.
#[derive(Default)]
struct File {
    /// Paths that are used, as written.
    paths: Vec<Vec<String>>,
    /// Names that are brought in, and from where; `*` for all names of a module.
    names: Vec<(String, Vec<String>)>,
}

/// The imports between the files of a crate, by module.
pub(crate) fn imports(folder: &Path) -> BTreeSet<(Module, Module)> {
    let mut files = BTreeMap::new();
    read(&folder.join("lib.rs"), folder, Vec::new(), &mut files);
    let crate_files = &CrateFiles(files);
    let edges = crate_files.0.iter().flat_map(|(module, file)| {
        let targets = file.paths.iter();
        targets
            .filter_map(|path| crate_files.resolve(module, path, 0))
            .filter(move |target| target != module)
            .map(move |target| (module.clone(), target))
    });
    edges.collect()
}

/// Reads a module's file and those of its children, which are in `folder`.
fn read(path: &Path, folder: &Path, module: Module, files: &mut BTreeMap<Module, File>) {
    let text =
        fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let parsed =
        syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut file = File::default();
    file.visit_file(&parsed);
    for item in &parsed.items {
        if let Item::Mod(ItemMod {
            ident,
            attrs,
            content: None,
            ..
        }) = item
            && !is_test(attrs)
        {
            let mut child = module.clone();
            child.push(ident.to_string());
            let own_folder = folder.join(ident.to_string());
            let in_folder = own_folder.join("mod.rs");
            let beside = folder.join(format!("{ident}.rs"));
            let path = if beside.is_file() { beside } else { in_folder };
            read(&path, &own_folder, child, files);
        }
    }
    files.insert(module, file);
}

/// Whether an item is compiled for tests only.
fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute
                .parse_args::<syn::Meta>()
                .is_ok_and(|condition| quotes_test(&condition))
    })
}

fn quotes_test(condition: &syn::Meta) -> bool {
    match condition {
        syn::Meta::Path(path) => path.is_ident("test"),
        // `any(test, …)` is for tests too; `not(test)` is not.
        syn::Meta::List(list) => {
            list.path.is_ident("any") && list.tokens.to_string().starts_with("test")
        }
        syn::Meta::NameValue(_) => false,
    }
}

impl<'ast> Visit<'ast> for File {
    fn visit_item(&mut self, item: &'ast Item) {
        let attributes = match item {
            Item::Mod(item) => &item.attrs,
            Item::Fn(item) => &item.attrs,
            Item::Impl(item) => &item.attrs,
            Item::Use(item) => &item.attrs,
            _ => &Vec::new(),
        };
        if !is_test(attributes) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        let mut found = Vec::new();
        flatten(&item.tree, &mut Vec::new(), &mut found);
        if matches!(item.vis, Visibility::Inherited) {
            self.paths
                .extend(found.iter().map(|(_, path)| path.clone()));
        }
        self.names.extend(found);
    }

    /// `pub(super)` is no import.
    fn visit_visibility(&mut self, _: &'ast Visibility) {}

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names = path
            .segments
            .iter()
            .map(|segment| segment.ident.to_string());
        self.paths.push(names.collect());
        visit::visit_path(self, path);
    }
}

/// All paths of a `use`, each with the name that it brings in.
fn flatten(tree: &syn::UseTree, before: &mut Vec<String>, found: &mut Vec<(String, Vec<String>)>) {
    match tree {
        syn::UseTree::Path(path) => {
            before.push(path.ident.to_string());
            flatten(&path.tree, before, found);
            before.pop();
        }
        syn::UseTree::Group(group) => {
            for tree in &group.items {
                flatten(tree, before, found);
            }
        }
        syn::UseTree::Name(name) if name.ident == "self" => {
            found.push((before.last().cloned().unwrap_or_default(), before.clone()));
        }
        syn::UseTree::Name(name) => {
            let path = [&before[..], &[name.ident.to_string()]].concat();
            found.push((name.ident.to_string(), path));
        }
        syn::UseTree::Rename(rename) => {
            let path = [&before[..], &[rename.ident.to_string()]].concat();
            found.push((rename.rename.to_string(), path));
        }
        syn::UseTree::Glob(_) => found.push(("*".to_owned(), before.clone())),
    }
}

/// Re-exports lead to re-exports, but no further than this.
const MOST_STEPS: usize = 16;

struct CrateFiles(BTreeMap<Module, File>);

impl CrateFiles {
    /// The module whose file defines what a path names; `None` outside the crate.
    fn resolve(&self, module: &Module, path: &[String], steps: usize) -> Option<Module> {
        if steps > MOST_STEPS {
            return None;
        }
        let mut segments = path.iter();
        let mut current = module.clone();
        match segments.next()?.as_str() {
            "crate" => current.clear(),
            "self" => {}
            "super" => drop(current.pop()?),
            child => {
                current.push(child.to_owned());
                if !self.0.contains_key(&current) {
                    return None;
                }
            }
        }
        for segment in segments {
            if segment == "super" {
                current.pop()?;
                continue;
            }
            let mut child = current.clone();
            child.push(segment.clone());
            if self.0.contains_key(&child) {
                current = child;
                continue;
            }
            return Some(self.definition(&current, segment, steps).unwrap_or(current));
        }
        Some(current)
    }

    /// Where a name that a module passes on is defined.
    fn definition(&self, module: &Module, name: &str, steps: usize) -> Option<Module> {
        let file = self.0.get(module)?;
        let (_, path) = file.names.iter().find(|(known, _)| known == name)?;
        // The name of a sibling needs no prefix where it is a child of this module.
        self.resolve(module, path, steps + 1)
    }
}
