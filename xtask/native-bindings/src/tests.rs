//! Each trap of the generators, sprung: the guard must find it.

use std::path::PathBuf;

use super::*;

const SOUND: &str = r#"
//! A boundary in small.
/// High half breaks.
pub const PLAYERLINK_ABI_VERSION: u32 = 0x0001_0000;
/// Of a text: it ends with a NUL.
pub const PLAYERLINK_NUL_TERMINATED: usize = usize::MAX;
/// What a call answers.
#[repr(i32)]
pub enum playerlink_result_code {
    /// Worked.
    PLAYERLINK_OK = 0,
    /// A pointer is NULL.
    PLAYERLINK_E_NULL = -1,
}
pub type playerlink_result = i32;
#[repr(transparent)]
pub struct playerlink_client(u64);
#[repr(C)]
pub struct playerlink_str {
    pub ptr: *const c_char,
    pub len: usize,
}
#[repr(C)]
pub struct playerlink_completion {
    pub struct_size: u32,
    pub result: playerlink_result,
    pub client: playerlink_client,
    pub text: playerlink_str,
}
pub type playerlink_done_fn =
    Option<unsafe extern "C" fn(user_data: *mut c_void, completion: *const playerlink_completion)>;
#[unsafe(no_mangle)]
pub unsafe extern "C" fn playerlink_login(client: playerlink_client, done: playerlink_done_fn, user_data: *mut c_void) -> playerlink_result { 0 }
#[unsafe(no_mangle)]
pub unsafe extern "C" fn playerlink_refresh(client: playerlink_client, done: playerlink_done_fn, user_data: *mut c_void) -> playerlink_result { 0 }
#[unsafe(no_mangle)]
pub extern "C" fn playerlink_result_name(result: playerlink_result) -> playerlink_result_code { PLAYERLINK_OK }
"#;

fn generated(source: &str) -> Result<Vec<Output>> {
    static NEXT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let number = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("playerlink-guards-{}-{number}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path: PathBuf = folder.join("c.rs");
    std::fs::write(&path, source).unwrap();
    // One after the other: cbindgen's warnings go through one listener.
    static TURN: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let turn = TURN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let result = generate(&[path], "number,service,code\n3061,xsolla,003-061\n");
    drop(turn);
    std::fs::remove_dir_all(&folder).unwrap();
    result.map(|(outputs, _)| outputs)
}

fn output(outputs: &[Output], name: &str) -> String {
    outputs.iter().find(|(path, _)| path.ends_with(name)).unwrap().1.clone()
}

fn refused(addition: &str) -> String {
    generated(&format!("{SOUND}\n{addition}")).unwrap_err()
}

#[test]
fn a_sound_boundary_is_written_whole() {
    let outputs = generated(SOUND).unwrap();
    let header = output(&outputs, "playerlink.h");
    assert!(header.contains("#define PLAYERLINK_NUL_TERMINATED ((size_t)-1)"), "{header}");
    assert!(header.contains("PLAYERLINK_E_NULL = -1,"), "{header}");
    let csharp = output(&outputs, "Native.g.cs");
    assert!(csharp.contains("const int PLAYERLINK_E_NULL = -1;"), "{csharp}");
    assert_eq!(csharp.matches("internal delegate").count(), 1, "{csharp}");
    assert!(!csharp.contains("nuint"), "{csharp}");
    assert!(output(&outputs, "codes.h").contains("#define PLAYERLINK_SERVICE_CODE_XSOLLA_003_061 3061 /* 003-061 */"));
    assert_eq!(output(&outputs, "symbols.txt"), "playerlink_login\nplayerlink_refresh\nplayerlink_result_name\n");
    assert!(output(&outputs, "layout.csv").contains("playerlink_completion,text,16,16,16,8\n"));
}

#[test]
fn a_negative_constant_is_found() {
    assert!(refused("pub const PLAYERLINK_E_LOOSE: i32 = -5;").contains("PLAYERLINK_E_LOOSE"));
}

#[test]
fn a_constant_that_cannot_be_read_is_found() {
    assert!(refused("pub const PLAYERLINK_NAME: &CStr = c\"x\";").contains("PLAYERLINK_NAME"));
    assert!(refused("pub const LIMIT: u32 = 4;").contains("LIMIT"));
}

#[test]
fn a_shifted_constant_is_in_both() {
    let outputs = generated(&format!("{SOUND}\npub const PLAYERLINK_FLAG: u32 = 1 << 4;")).map_err(|error| {
        assert!(error.contains("PLAYERLINK_FLAG"), "{error}");
    });
    if let Ok(outputs) = outputs {
        assert!(output(&outputs, "Native.g.cs").contains("PLAYERLINK_FLAG = 16;"));
    }
}

#[test]
fn an_enum_that_no_function_names_is_not_lost() {
    let outputs =
        generated(&format!("{SOUND}\n#[repr(u32)]\npub enum playerlink_kind {{ PLAYERLINK_KIND_STEAM = 7 }}"));
    match outputs {
        Ok(outputs) => assert!(output(&outputs, "playerlink.h").contains("PLAYERLINK_KIND_STEAM = 7")),
        Err(error) => assert!(error.contains("PLAYERLINK_KIND_STEAM"), "{error}"),
    }
}

#[test]
fn what_is_behind_a_cfg_is_found() {
    let text = "#[cfg(feature = \"more\")]\n#[unsafe(no_mangle)]\npub extern \"C\" fn playerlink_more() {}";
    assert!(refused(text).contains("behind a cfg"));
}

#[test]
fn an_enum_with_data_is_found() {
    assert!(refused("#[repr(u32)]\npub enum playerlink_way { PLAYERLINK_STEAM(u32) }").contains("carries data"));
    assert!(refused("#[repr(C)]\npub enum playerlink_way { PLAYERLINK_STEAM }").contains("width"));
}

#[test]
fn padding_that_no_field_names_is_found() {
    let text = "#[repr(C)]\npub struct playerlink_odd { pub struct_size: u32, pub time: u64 }";
    assert!(refused(text).contains("padding"));
    // Even on 64 bits, and two ways to lay it out on 32.
    let text = "#[repr(C)]\npub struct playerlink_odd { pub time: u64, pub text: *const u8 }";
    assert!(refused(text).contains("padding"));
}

#[test]
fn an_enum_that_comes_in_is_found() {
    let text = "#[unsafe(no_mangle)]\npub extern \"C\" fn playerlink_odd(code: playerlink_result_code) {}";
    assert!(refused(text).contains("playerlink_result_code"));
    let text = "#[repr(C)]\npub struct playerlink_odd { pub code: playerlink_result_code }\n\
                #[unsafe(no_mangle)]\npub extern \"C\" fn playerlink_more(odd: *const playerlink_odd) {}";
    assert!(refused(text).contains("playerlink_odd.code"));
}

#[test]
fn a_function_whose_parameters_a_generator_does_not_know_is_found() {
    let text = "#[unsafe(no_mangle)]\npub extern \"C\" fn playerlink_odd(text: (u32, u32)) {}";
    assert!(refused(text).contains("playerlink_odd"));
}

#[test]
fn a_function_for_tests_needs_a_cfg_and_is_in_no_output() {
    let text = "#[unsafe(no_mangle)]\npub extern \"C\" fn playerlink_test_panic() {}";
    assert!(refused(text).contains("needs a cfg"));
    let outputs = generated(&format!("{SOUND}\n#[cfg(feature = \"ffi-test\")]\n{text}")).unwrap();
    assert!(outputs.iter().all(|(_, text)| !text.contains("playerlink_test_panic")));
}
