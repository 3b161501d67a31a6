//! The same module, laid out so that it compresses better. wasm-opt orders functions by how often they are called,
//! which makes the numbers in calls shorter; next to one of its like, a function costs brotli far less than that saves.

use std::convert::Infallible;

use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{CodeSection, FunctionSection, Module};
use wasmparser::{CodeSectionReader, FunctionSectionReader, Parser, Payload, TypeRef, ValType};

type Result<T = ()> = std::result::Result<T, Error<Infallible>>;

/// Orders the functions of `module` by their type and then by their code, and writes alike what accesses memory alike.
pub(crate) fn arrange(module: &[u8]) -> Result<Vec<u8>> {
    let mut arrangement = Arrangement::of(module)?;
    let mut arranged = Module::new();
    arrangement.parse_core_module(&mut arranged, Parser::new(0), module)?;
    Ok(arranged.finish())
}

/// The functions that are not imported, by their number among those.
struct Arrangement {
    imported: u32,
    /// The old numbers, in the new order.
    order: Vec<usize>,
    /// The new numbers, in the old order.
    numbers: Vec<u32>,
}

impl Arrangement {
    fn of(module: &[u8]) -> Result<Self> {
        let (mut types, mut type_of, mut functions, mut imported) = (Vec::new(), Vec::new(), Vec::new(), 0);
        for payload in Parser::new(0).parse_all(module) {
            match payload? {
                Payload::TypeSection(section) => {
                    for function in section.into_iter_err_on_gc_types() {
                        let function = function?;
                        let names = |types: &[ValType]| types.iter().map(ToString::to_string).collect::<Vec<_>>();
                        types.push((names(function.results()), names(function.params())));
                    }
                }
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                    }
                }
                Payload::FunctionSection(section) => {
                    for number in section {
                        type_of.push(types.get(number? as usize).cloned());
                    }
                }
                Payload::CodeSectionEntry(body) => {
                    let number = functions.len();
                    functions.push((type_of.get(number).cloned(), body.as_bytes(), number));
                }
                _ => {}
            }
        }
        functions.sort();
        let order: Vec<usize> = functions.into_iter().map(|(.., number)| number).collect();
        let mut numbers: Vec<(usize, u32)> = order.iter().copied().zip(0..).collect();
        numbers.sort();
        Ok(Self { imported, order, numbers: numbers.into_iter().map(|(_, new)| new).collect() })
    }

    /// What is by the old numbers, in the new order.
    fn arranged<'a, T>(&'a self, items: &'a [T]) -> impl Iterator<Item = &'a T> {
        self.order.iter().filter_map(|number| items.get(*number))
    }
}

impl Reencode for Arrangement {
    type Error = Infallible;

    fn function_index(&mut self, number: u32) -> Result<u32> {
        let new = number.checked_sub(self.imported).and_then(|number| self.numbers.get(number as usize));
        Ok(new.map_or(number, |new| new + self.imported))
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Result {
        let types = section.into_iter().collect::<std::result::Result<Vec<u32>, _>>()?;
        for number in self.arranged(&types) {
            functions.function(*number);
        }
        Ok(())
    }

    fn parse_code_section(&mut self, code: &mut CodeSection, section: CodeSectionReader<'_>) -> Result {
        let bodies = section.into_iter().collect::<std::result::Result<Vec<_>, _>>()?;
        for number in self.order.clone() {
            if let Some(body) = bodies.get(number) {
                self.parse_function_body(code, body.clone())?;
            }
        }
        Ok(())
    }

    /// The alignment is a hint, which no engine we know of heeds. Rust's depends on the type that is copied, so that the
    /// same access to the same place was written in several ways.
    fn mem_arg(&mut self, mut access: wasmparser::MemArg) -> Result<wasm_encoder::MemArg> {
        access.align = access.max_align.min(2);
        utils::mem_arg(self, access)
    }
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{
        EntityType, ExportKind, ExportSection, Function, ImportSection, Instruction, MemArg, TypeSection,
    };
    use wasmparser::Operator;

    use super::*;

    const BYTE_ALIGNED: MemArg = MemArg { offset: 0, align: 0, memory_index: 0 };

    /// An import, 0, and three functions, of which 2 calls the others.
    fn module() -> Vec<u8> {
        let mut types = TypeSection::new();
        types.ty().function([], [wasm_encoder::ValType::I32]);
        types.ty().function([wasm_encoder::ValType::I32], []);
        let mut imports = ImportSection::new();
        imports.import("js", "tell", EntityType::Function(1));
        let mut functions = FunctionSection::new();
        functions.function(0).function(1).function(0);
        let mut exports = ExportSection::new();
        exports.export("first", ExportKind::Func, 1).export("last", ExportKind::Func, 3);
        let mut code = CodeSection::new();
        for instructions in [
            &[Instruction::I32Const(8), Instruction::I32Load(BYTE_ALIGNED)][..],
            &[Instruction::Call(1), Instruction::Call(0), Instruction::Call(3), Instruction::Call(0)],
            &[Instruction::I32Const(4)],
        ] {
            let mut function = Function::new([]);
            for instruction in instructions {
                function.instruction(instruction);
            }
            function.instruction(&Instruction::End);
            code.function(&function);
        }
        let mut module = Module::new();
        module.section(&types).section(&imports).section(&functions).section(&exports).section(&code);
        module.finish()
    }

    #[test]
    fn what_is_called_and_exported_is_the_same_under_its_new_number() -> Result {
        let arranged = arrange(&module())?;
        let (mut exports, mut types, mut bodies) = (Vec::new(), Vec::new(), Vec::new());
        for payload in Parser::new(0).parse_all(&arranged) {
            match payload? {
                Payload::ExportSection(section) => {
                    for export in section {
                        let export = export?;
                        exports.push((export.name, export.index));
                    }
                }
                Payload::FunctionSection(section) => {
                    for number in section {
                        types.push(number?);
                    }
                }
                Payload::CodeSectionEntry(body) => {
                    let read = body.get_operators_reader()?.into_iter().collect::<std::result::Result<Vec<_>, _>>()?;
                    bodies.push(read);
                }
                _ => {}
            }
        }
        assert_eq!(exports, [("first", 3), ("last", 2)]);
        assert_eq!(types, [1, 0, 0]);
        let [caller, last, first] = bodies.as_slice() else { unreachable!("{bodies:?}") };
        assert!(matches!(last.as_slice(), [Operator::I32Const { value: 4 }, Operator::End]), "{last:?}");
        let [Operator::I32Const { value: 8 }, Operator::I32Load { memarg }, _] = first.as_slice() else {
            unreachable!("{first:?}")
        };
        assert_eq!(memarg.align, 2);
        let called = caller.iter().filter_map(|operator| match operator {
            Operator::Call { function_index } => Some(*function_index),
            _ => None,
        });
        assert_eq!(called.collect::<Vec<_>>(), [3, 0, 2, 0]);
        Ok(())
    }
}
