//! Finds the code that has to be doubled, guarded or preceded so that a mutant can be switched on.

use std::collections::HashMap;
use std::ops::Range;

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{
    Arm, BinOp, Expr, ExprBinary, ExprMatch, ExprStruct, ExprUnary, ImplItemFn, ItemFn, Pat,
    Signature, Type,
};

use crate::Failure;
use crate::mutant::{Genre, Mutant};

/// How a place is woven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Weave {
    /// Code at the start of a body, which returns.
    Return,
    /// A guard of an arm that had none.
    NewGuard,
    /// A condition more in the guard of an arm.
    Condition,
    /// An expression: as it is, or as one of the mutants has it.
    Choice,
}

/// A place in a source, and how it is woven.
pub type Site = (usize, Weave, usize);

/// A `const fn`, which cannot read a switch as long as it is `const`.
#[derive(Clone, Debug)]
pub struct ConstFn {
    /// `Type::name`, or the name alone, as the compiler's errors have it.
    pub name: String,
    /// The word `const`.
    pub word: Range<usize>,
    pub body: Range<usize>,
}

/// What a file has of both.
#[derive(Default)]
pub struct Sites {
    found: HashMap<(Genre, usize), Site>,
    pub const_fns: Vec<ConstFn>,
    /// The operator chain that is being walked: precedence makes one expression of it.
    chain: Option<Range<usize>>,
    /// The type whose `impl` is being walked.
    of: Option<String>,
}

impl Sites {
    pub fn of(source: &str) -> Result<Self, Failure> {
        let mut sites = Self::default();
        sites.visit_file(&syn::parse_file(source)?);
        Ok(sites)
    }

    /// Where a mutant is woven; `None` if it cannot be.
    pub fn find(&self, mutant: &Mutant) -> Option<Site> {
        mutant.returns.as_ref()?; // outside of functions, nothing is decided at run time
        if mutant.genre == Genre::Body {
            // Two types behind one `impl Trait` would not compile.
            let opaque = mutant.returns.as_ref().is_some_and(|returns| returns.contains("impl "));
            return (!opaque).then_some((mutant.range.start, Weave::Return, mutant.range.start));
        }
        self.found.get(&(mutant.genre, mutant.range.start)).copied()
    }

    fn add(&mut self, genre: Genre, key: Span, weave: Weave, range: Range<usize>) {
        self.found.insert((genre, key.byte_range().start), (range.start, weave, range.end));
    }

    fn arm(&mut self, arm: &Arm) {
        let pattern = arm.pat.span();
        if let Some((_, guard)) = &arm.guard {
            self.add(Genre::Arm, pattern, Weave::Condition, guard.span().byte_range());
        } else {
            let end = pattern.byte_range().end;
            self.add(Genre::Arm, pattern, Weave::NewGuard, end..end);
        }
    }

    fn function(&mut self, signature: &Signature, block: &syn::Block) {
        if let Some(word) = &signature.constness {
            let name = signature.ident.to_string();
            self.const_fns.push(ConstFn {
                name: self.of.as_ref().map_or(name.clone(), |of| format!("{of}::{name}")),
                word: word.span().byte_range(),
                body: block.span().byte_range(),
            });
        }
    }
}

impl<'ast> Visit<'ast> for Sites {
    fn visit_expr(&mut self, node: &'ast Expr) {
        if !matches!(node, Expr::Binary(_)) {
            self.chain = None;
        }
        visit::visit_expr(self, node);
    }

    fn visit_expr_binary(&mut self, node: &'ast ExprBinary) {
        let (own, outer) = (node.span().byte_range(), self.chain.take());
        let assigns = assigns(&node.op);
        // `let` in a chain of `&&` stays where it is; what is beside it is woven by itself.
        let chain = (!has_let(node)).then(|| outer.filter(|_| !assigns).unwrap_or(own));
        if let Some(chain) = &chain {
            self.add(Genre::Binary, node.op.span(), Weave::Choice, chain.clone());
        }
        for operand in [&node.left, &node.right] {
            self.chain = chain.clone().filter(|_| !assigns);
            self.visit_expr(operand);
        }
    }

    fn visit_expr_unary(&mut self, node: &'ast ExprUnary) {
        self.add(Genre::Unary, node.op.span(), Weave::Choice, node.span().byte_range());
        visit::visit_expr_unary(self, node);
    }

    fn visit_expr_match(&mut self, node: &'ast ExprMatch) {
        // Without one that takes all, the compiler would miss each of the others.
        let takes_all = |arm: &Arm| matches!(arm.pat, Pat::Wild(_)) && arm.guard.is_none();
        if node.arms.iter().any(takes_all) {
            node.arms.iter().for_each(|arm| self.arm(arm));
        }
        visit::visit_expr_match(self, node);
    }

    fn visit_arm(&mut self, node: &'ast Arm) {
        if let Some((_, guard)) = &node.guard {
            let guard = guard.span();
            self.add(Genre::Guard, guard, Weave::Choice, guard.byte_range());
        }
        visit::visit_arm(self, node);
    }

    fn visit_expr_struct(&mut self, node: &'ast ExprStruct) {
        for field in &node.fields {
            self.add(Genre::Field, field.span(), Weave::Choice, node.span().byte_range());
        }
        visit::visit_expr_struct(self, node);
    }

    fn visit_item_impl(&mut self, node: &'ast syn::ItemImpl) {
        let outer = self.of.take();
        if let Type::Path(path) = &*node.self_ty {
            self.of = path.path.segments.last().map(|segment| segment.ident.to_string());
        }
        visit::visit_item_impl(self, node);
        self.of = outer;
    }

    fn visit_item_fn(&mut self, node: &'ast ItemFn) {
        let outer = self.of.take(); // in a method, a function is not of the type
        self.function(&node.sig, &node.block);
        visit::visit_item_fn(self, node);
        self.of = outer;
    }

    fn visit_impl_item_fn(&mut self, node: &'ast ImplItemFn) {
        self.function(&node.sig, &node.block);
        visit::visit_impl_item_fn(self, node);
    }
}

/// `+=` and its like: a statement, whose sides are expressions of their own.
fn assigns(op: &BinOp) -> bool {
    use BinOp::{
        AddAssign, BitAndAssign, BitOrAssign, BitXorAssign, DivAssign, MulAssign, RemAssign,
        ShlAssign, ShrAssign, SubAssign,
    };
    matches!(
        op,
        AddAssign(_)
            | SubAssign(_)
            | MulAssign(_)
            | DivAssign(_)
            | RemAssign(_)
            | BitXorAssign(_)
            | BitAndAssign(_)
            | BitOrAssign(_)
            | ShlAssign(_)
            | ShrAssign(_)
    )
}

fn has_let(node: &ExprBinary) -> bool {
    [&node.left, &node.right].into_iter().any(|operand| match &**operand {
        Expr::Let(_) => true,
        Expr::Binary(inner) => has_let(inner),
        _ => false,
    })
}
