//! The host of the tests' game: records what it is asked for, answers by script.

use std::collections::BTreeMap;
use std::ffi::c_void;
use std::ptr::null;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::*;

fn of<'a>(user_data: *mut c_void) -> MutexGuard<'a, World> {
    let world = unsafe { &*user_data.cast::<Mutex<World>>() };
    world.lock().unwrap_or_else(PoisonError::into_inner)
}

pub unsafe extern "C" fn http_send(
    user_data: *mut c_void,
    client: playerlink_client,
    request: *const playerlink_http_request,
) -> i32 {
    let request = unsafe { &*request };
    assert_eq!(request.struct_size as usize, size_of::<playerlink_http_request>());
    let headers = match request.header_count {
        0 => &[],
        count => unsafe { std::slice::from_raw_parts(request.headers, count) },
    };
    let sent = Sent {
        client,
        id: request.id,
        method: read(request.method),
        url: read(request.url),
        headers: headers.iter().map(|header| (read(header.name), read(header.value))).collect(),
        body: bytes(request.body),
        timeout_ms: request.timeout_ms,
    };
    let (hook, reply) = {
        let mut world = of(user_data);
        assert!(world.in_library > 0, "no callback outside of tick and destroy");
        world.sent.push(sent.clone());
        let mut script = world.script.take();
        drop(world);
        let reply = script.as_mut().map_or(Reply::Hangs, |script| script(&sent));
        let mut world = of(user_data);
        if world.script.is_none() {
            world.script = script;
        }
        (world.in_send.take(), reply)
    };
    if let Some(hook) = hook {
        hook(&sent);
    }
    match reply {
        Reply::Refuses => return 1,
        Reply::Hangs => {}
        Reply::AtOnce(status, headers, body) => {
            let result = complete(client, sent.id, &Reply::Answer(status, headers, body));
            assert!(matches!(result, PLAYERLINK_OK | PLAYERLINK_E_BAD_HANDLE), "{result:?}");
        }
        reply => of(user_data).post.push((client, sent.id, reply)),
    }
    0
}

pub unsafe extern "C" fn http_cancel(user_data: *mut c_void, _: playerlink_client, id: u64) {
    let hook = {
        let mut world = of(user_data);
        assert!(world.in_library > 0, "no callback outside of tick and destroy");
        world.cancelled.push(id);
        world.in_cancel.take()
    };
    if let Some(hook) = hook {
        hook();
    }
}

pub unsafe extern "C" fn storage(
    user_data: *mut c_void,
    client: playerlink_client,
    request: *const playerlink_storage_request,
) -> i32 {
    let request = unsafe { &*request };
    let stored = Stored { id: request.id, kind: request.kind, key: read(request.key), value: bytes(request.value) };
    let (hook, storing) = {
        let mut world = of(user_data);
        assert!(world.in_library > 0, "no callback outside of tick and destroy");
        world.stored.push(stored.clone());
        (world.in_storage.take(), world.storing.unwrap_or(Storing::AtOnce))
    };
    if let Some(hook) = hook {
        hook();
    }
    match storing {
        Storing::Refuses => return 1,
        Storing::Later => {}
        Storing::Fails => {
            unsafe { playerlink_storage_complete(client, stored.id, -1, null()) };
        }
        Storing::AtOnce => {
            do_store(&mut of(user_data).disk, &stored, |id, value| unsafe {
                match value {
                    Some(value) => {
                        let value = playerlink_bytes { ptr: value.as_ptr(), len: value.len() };
                        playerlink_storage_complete(client, id, 0, &raw const value)
                    }
                    None => playerlink_storage_complete(client, id, 0, null()),
                }
            });
        }
    }
    0
}

/// Does what a storage request wants, and tells how it went.
pub fn do_store(
    disk: &mut BTreeMap<String, Vec<u8>>,
    stored: &Stored,
    tell: impl FnOnce(u64, Option<Vec<u8>>) -> playerlink_result,
) -> playerlink_result {
    match stored.kind {
        PLAYERLINK_STORAGE_LOAD => tell(stored.id, disk.get(&stored.key).cloned()),
        PLAYERLINK_STORAGE_STORE => {
            disk.insert(stored.key.clone(), stored.value.clone());
            tell(stored.id, None)
        }
        PLAYERLINK_STORAGE_DELETE => {
            disk.remove(&stored.key);
            tell(stored.id, None)
        }
        other => panic!("storage kind {other}"),
    }
}

pub unsafe extern "C" fn random(user_data: *mut c_void, out: *mut u8, len: usize) -> i32 {
    let mut world = of(user_data);
    for at in 0..len {
        world.random = world.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        unsafe { out.add(at).write((world.random >> 33) as u8) };
    }
    0
}

pub unsafe extern "C" fn log(user_data: *mut c_void, level: u32, text: *const playerlink_str) {
    let line = read(unsafe { *text });
    let hook = {
        let mut world = of(user_data);
        world.lines.push((level, line));
        world.in_log.take()
    };
    if let Some(hook) = hook {
        hook();
    }
}

pub unsafe extern "C" fn done(user_data: *mut c_void, _: playerlink_client, completion: *const playerlink_completion) {
    let done = copy(unsafe { &*completion });
    let hook = {
        let mut world = of(user_data);
        assert!(world.in_library > 0, "no callback outside of tick and destroy");
        if done.op != 0 {
            *world.ended.entry(done.op).or_default() += 1;
        }
        world.done.push(done.clone());
        world.in_completion.remove(&done.kind)
    };
    if let Some(hook) = hook {
        hook(&done);
    }
}

/// Brings an answer.
pub fn complete(client: playerlink_client, id: u64, reply: &Reply) -> playerlink_result {
    let mut response: playerlink_http_response = unsafe { zeroed() };
    match reply {
        Reply::Answer(status, headers, body) | Reply::AtOnce(status, headers, body) => {
            let headers: Vec<playerlink_header> = headers
                .iter()
                .map(|(name, value)| playerlink_header { name: text(name), value: text(value) })
                .collect();
            response.status = u32::from(*status);
            response.headers = headers.as_ptr();
            response.header_count = headers.len();
            response.body = playerlink_bytes { ptr: body.as_ptr(), len: body.len() };
            unsafe { playerlink_http_complete(client, id, &raw const response) }
        }
        Reply::Fails(failure) => {
            response.failure = *failure;
            unsafe { playerlink_http_complete(client, id, &raw const response) }
        }
        Reply::Hangs | Reply::Refuses => PLAYERLINK_OK,
    }
}
