//! The functions taken out of a module, and a module written with them in another order.
//!
//! Only what names functions by their number is written anew: calls, exports, tables, the start. Everything else is copied as it
//! stands. Imported functions have the first numbers, and keep them.
//! Locals of one type are declared together, in the order in which they are first named, so that the same code is the same bytes
//! more often; zeros that are there already are not written, and loads and stores give no hints of alignment. An engine sees no
//! difference.

use std::collections::HashMap;

use wasm_encoder::{
    CodeSection, ConstExpr, ElementSection, Elements, ExportKind, ExportSection, Function, FunctionSection,
    Instruction, Module, RawSection, StartSection, ValType,
};
use wasmparser::{
    CompositeInnerType, ElementItems, ElementKind, ElementSectionReader, ExportSectionReader, ExternalKind,
    FunctionBody, Operator, Parser, Payload, RefType, TypeRef,
};

use super::{hints, zeros};
use crate::error::BuildError;

/// The functions of a module.
pub(super) struct Functions<'a> {
    wasm: &'a [u8],
    /// How many functions are imported.
    imported: u32,
    /// Of each type, how many parameters it has: locals are numbered after them.
    parameters: Vec<u32>,
    /// Of each function that is not imported, its type.
    types: Vec<u32>,
    bodies: Vec<FunctionBody<'a>>,
}

impl<'a> Functions<'a> {
    pub(super) fn read(wasm: &'a [u8]) -> Result<Self, BuildError> {
        let mut functions = Self { wasm, imported: 0, parameters: Vec::new(), types: Vec::new(), bodies: Vec::new() };
        for payload in Parser::new(0).parse_all(wasm) {
            match payload? {
                Payload::TypeSection(section) => {
                    for group in section {
                        for ty in group?.types() {
                            let CompositeInnerType::Func(ty) = &ty.composite_type.inner else {
                                return Err(unknown("a type that is no function's"));
                            };
                            functions.parameters.push(ty.params().len() as u32);
                        }
                    }
                }
                Payload::FunctionSection(section) => functions.types = section.into_iter().collect::<Result<_, _>>()?,
                Payload::CodeSectionEntry(body) => functions.bodies.push(body),
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        match import?.ty {
                            TypeRef::Func(_) => functions.imported += 1,
                            TypeRef::Table(_) | TypeRef::Memory(_) | TypeRef::Global(_) => {}
                            TypeRef::Tag(_) | TypeRef::FuncExact(_) => {
                                return Err(unknown("an import of exceptions or exact functions"));
                            }
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(functions)
    }

    /// For each function the first one that does the same: of its type, with the same instructions and calls of such that do the
    /// same.
    pub(super) fn folded(&self) -> Result<Vec<usize>, BuildError> {
        let mut same: Vec<usize> = (0..self.bodies.len()).collect();
        loop {
            let mut first = HashMap::new();
            let mut folded = Vec::with_capacity(same.len());
            for (function, &ty) in self.types.iter().enumerate() {
                folded.push(*first.entry((ty, self.body(function, &same)?)).or_insert(function));
            }
            if folded == same {
                return Ok(same);
            }
            same = folded;
        }
    }

    /// What a function is called once the module's own have `numbers`, counted from behind the imported ones.
    fn renumbered(&self, function: u32, numbers: &[usize]) -> u32 {
        match function.checked_sub(self.imported) {
            Some(own) => self.imported + numbers[own as usize] as u32,
            None => function,
        }
    }

    /// A function's locals and instructions, in which it calls `numbers[f]` for function `f`.
    pub(super) fn body(&self, function: usize, numbers: &[usize]) -> Result<Vec<u8>, BuildError> {
        let body = &self.bodies[function];
        let parameters = self.parameters[self.types[function] as usize];
        let mut runs: Vec<(ValType, Vec<usize>)> = Vec::new();
        let mut local = parameters as usize;
        for declared in body.get_locals_reader()? {
            let (count, ty) = declared?;
            let (ty, next) = (number_type(ty)?, local + count as usize);
            match runs.iter_mut().find(|(of, _)| *of == ty) {
                Some((_, run)) => run.extend(local..next),
                None => runs.push((ty, (local..next).collect())),
            }
            local = next;
        }
        let firsts = self.first_named(function, local)?;
        runs.iter_mut().for_each(|(_, run)| run.sort_by_key(|&local| firsts[local]));
        let mut locals: Vec<u32> = (0..local as u32).collect();
        for (number, &local) in (parameters..).zip(runs.iter().flat_map(|(_, run)| run)) {
            locals[local] = number;
        }
        let mut written = Function::new(runs.iter().map(|(ty, run)| (run.len() as u32, *ty)));
        let needless = zeros::needless(body, parameters)?;
        let mut reader = body.get_operators_reader()?;
        while !reader.eof() {
            let begin = reader.original_position();
            match reader.read()? {
                _ if needless.contains(&begin) => {}
                Operator::Call { function_index } => {
                    written.instruction(&Instruction::Call(self.renumbered(function_index, numbers)));
                }
                Operator::LocalGet { local_index } => {
                    written.instruction(&Instruction::LocalGet(locals[local_index as usize]));
                }
                Operator::LocalSet { local_index } => {
                    written.instruction(&Instruction::LocalSet(locals[local_index as usize]));
                }
                Operator::LocalTee { local_index } => {
                    written.instruction(&Instruction::LocalTee(locals[local_index as usize]));
                }
                Operator::RefFunc { .. } | Operator::ReturnCall { .. } => {
                    return Err(unknown("functions as values, tail calls"));
                }
                _ => {
                    let instruction = &self.wasm[begin..reader.original_position()];
                    match hints::without(instruction) {
                        Some(parts) => written.raw(parts.into_iter().flatten().copied()),
                        None => written.raw(instruction.iter().copied()),
                    };
                }
            }
        }
        Ok(written.into_raw_body())
    }

    /// For each of a function's `count` locals, how many instructions come before the first that names it.
    fn first_named(&self, function: usize, count: usize) -> Result<Vec<usize>, BuildError> {
        let mut firsts = vec![usize::MAX; count];
        for (place, operator) in self.bodies[function].get_operators_reader()?.into_iter().enumerate() {
            if let Operator::LocalGet { local_index }
            | Operator::LocalSet { local_index }
            | Operator::LocalTee { local_index } = operator?
            {
                let first = &mut firsts[local_index as usize];
                *first = place.min(*first);
            }
        }
        Ok(firsts)
    }

    /// The module with these functions in this order, where each that is left out is `same` as one of them.
    pub(super) fn write(&self, order: &[usize], same: &[usize]) -> Result<Vec<u8>, BuildError> {
        let mut places = vec![0; self.bodies.len()];
        for (place, &function) in order.iter().enumerate() {
            places[function] = place;
        }
        let numbers: Vec<usize> = same.iter().map(|&function| places[function]).collect();
        let mut module = Module::new();
        for payload in Parser::new(0).parse_all(self.wasm) {
            match payload? {
                Payload::FunctionSection(_) => {
                    let mut section = FunctionSection::new();
                    for &function in order {
                        section.function(self.types[function]);
                    }
                    module.section(&section);
                }
                Payload::CodeSectionStart { .. } => {
                    let mut section = CodeSection::new();
                    for &function in order {
                        section.raw(&self.body(function, &numbers)?);
                    }
                    module.section(&section);
                }
                Payload::ExportSection(section) => {
                    module.section(&exports(section, |function| self.renumbered(function, &numbers))?);
                }
                Payload::ElementSection(section) => {
                    module.section(&tables(section, |function| self.renumbered(function, &numbers))?);
                }
                Payload::StartSection { func, .. } => {
                    module.section(&StartSection { function_index: self.renumbered(func, &numbers) });
                }
                Payload::CodeSectionEntry(_) | Payload::CustomSection(_) => {}
                payload => {
                    if let Some((id, range)) = payload.as_section() {
                        module.section(&RawSection { id, data: &self.wasm[range] });
                    }
                }
            }
        }
        Ok(module.finish())
    }
}

fn exports(section: ExportSectionReader<'_>, number: impl Fn(u32) -> u32) -> Result<ExportSection, BuildError> {
    let mut written = ExportSection::new();
    for export in section {
        let export = export?;
        let (kind, index) = match export.kind {
            ExternalKind::Func => (ExportKind::Func, number(export.index)),
            ExternalKind::Memory => (ExportKind::Memory, export.index),
            ExternalKind::Global => (ExportKind::Global, export.index),
            ExternalKind::Table => (ExportKind::Table, export.index),
            ExternalKind::Tag | ExternalKind::FuncExact => {
                return Err(unknown("an export that is no function or memory"));
            }
        };
        written.export(export.name, kind, index);
    }
    Ok(written)
}

fn tables(section: ElementSectionReader<'_>, number: impl Fn(u32) -> u32) -> Result<ElementSection, BuildError> {
    let mut written = ElementSection::new();
    for element in section {
        let element = element?;
        let (ElementKind::Active { table_index: None, offset_expr }, ElementItems::Functions(functions)) =
            (element.kind, element.items)
        else {
            return Err(unknown("a table that is filled with anything but functions"));
        };
        let Operator::I32Const { value } = offset_expr.get_operators_reader().read()? else {
            return Err(unknown("a table's offset that is no constant"));
        };
        let mut filled = Vec::new();
        for function in functions {
            filled.push(number(function?));
        }
        written.active(None, &ConstExpr::i32_const(value), Elements::Functions(filled.into()));
    }
    Ok(written)
}

fn number_type(ty: wasmparser::ValType) -> Result<ValType, BuildError> {
    match ty {
        wasmparser::ValType::I32 => Ok(ValType::I32),
        wasmparser::ValType::I64 => Ok(ValType::I64),
        wasmparser::ValType::F32 => Ok(ValType::F32),
        wasmparser::ValType::F64 => Ok(ValType::F64),
        wasmparser::ValType::V128 => Ok(ValType::V128),
        wasmparser::ValType::Ref(RefType::EXTERNREF) => Ok(ValType::EXTERNREF),
        wasmparser::ValType::Ref(_) => Err(unknown("references in locals that are no host's")),
    }
}

pub(super) fn unknown(what: &str) -> BuildError {
    BuildError::Module { found: what.into() }
}
