// playerlink for C++14 and newer: everything in this header, over the C functions of playerlink.h. It needs neither
// exceptions nor RTTI, and nothing of the C++ library crosses into the shared library.
//
//   struct Console : playerlink::Host { bool send(const playerlink::Request &request) override; … };
//   Console console;
//   playerlink::Client client;
//   auto options = playerlink::make<playerlink_client_options>();
//   options.service = PLAYERLINK_SERVICE_RALLYHERE; …
//   if (playerlink::Client::create(options, console, client) != PLAYERLINK_OK) { … playerlink::error_text() … }
//   client.login(credential, [](const playerlink::Completion &done) { if (done.ok()) … });
//   … each frame: client.tick(now_ms, wall_ms);
#ifndef PLAYERLINK_HPP
#define PLAYERLINK_HPP

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include <playerlink/playerlink.h>

namespace playerlink {

/// A structure of playerlink.h, all zero but for its size.
template <class Structure>
Structure make() noexcept {
    Structure made;
    std::memset(static_cast<void *>(&made), 0, sizeof made);
    made.struct_size = static_cast<std::uint32_t>(sizeof made);
    return made;
}

/// For `playerlink_client_options`, which also has the version this was compiled with.
template <>
inline playerlink_client_options make<playerlink_client_options>() noexcept {
    playerlink_client_options made;
    std::memset(static_cast<void *>(&made), 0, sizeof made);
    made.struct_size = static_cast<std::uint32_t>(sizeof made);
    made.abi_version = PLAYERLINK_ABI_VERSION;
    return made;
}

/// A text for the library, which copies it during the call. The string must live that long.
inline playerlink_str view(const std::string &text) noexcept {
    return playerlink_str{text.data(), text.size()};
}

/// The same of a text that ends with a NUL.
inline playerlink_str view(const char *text) noexcept {
    return playerlink_str{text, text == nullptr ? 0 : std::strlen(text)};
}

/// A text of the library, copied.
inline std::string text(playerlink_str from) {
    return from.len == 0 ? std::string() : std::string(from.ptr, from.len);
}

/// What a result means, e.g. `platform-ticket`.
inline const char *name(playerlink_result result) noexcept {
    return playerlink_result_name(static_cast<std::int32_t>(result));
}

/// Whether a call or an operation worked.
inline bool worked(playerlink_result result) noexcept {
    return static_cast<std::int32_t>(result) >= 0;
}

/// A request to send. Its texts are valid during `Host::send` only.
class Request {
public:
    explicit Request(const playerlink_http_request &raw) noexcept : raw_(raw) {}
    std::uint64_t id() const noexcept { return raw_.id; }
    std::uint32_t timeout_ms() const noexcept { return raw_.timeout_ms; }
    std::string method() const { return text(raw_.method); }
    std::string url() const { return text(raw_.url); }
    /// Name and value. They hold secrets.
    std::vector<std::pair<std::string, std::string>> headers() const {
        std::vector<std::pair<std::string, std::string>> all;
        for (std::size_t i = 0; i < raw_.header_count; i++) {
            all.emplace_back(text(raw_.headers[i].name), text(raw_.headers[i].value));
        }
        return all;
    }
    /// It holds secrets.
    std::string body() const {
        return raw_.body.len == 0 ? std::string()
                                  : std::string(reinterpret_cast<const char *>(raw_.body.ptr), raw_.body.len);
    }
    const playerlink_http_request &raw() const noexcept { return raw_; }

private:
    const playerlink_http_request &raw_;
};

/// What came back.
struct Response {
    std::uint32_t status = 0; ///< 0: no answer, see `failure`
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    std::uint32_t failure = PLAYERLINK_HTTP_NETWORK;
};

/// What the platform does. Called in tick and destroy only, but for `random` and `log`. Nothing here may throw.
class Host {
public:
    virtual ~Host() = default;
    /// Sends a request; the answer goes to `Client::complete`. `false`: it cannot.
    virtual bool send(const Request &request) = 0;
    /// Nobody waits for this request any more.
    virtual void cancel(std::uint64_t request_id) { (void)request_id; }
    /// Whether `storage` is there; without, sessions end with the program.
    virtual bool has_storage() const { return false; }
    /// Loads, stores or deletes; the outcome goes to `Client::stored`. `false`: it cannot.
    virtual bool storage(const playerlink_storage_request &request) {
        (void)request;
        return false;
    }
    /// Whether `random` is there; without, it is the system's.
    virtual bool has_random() const { return false; }
    virtual bool random(std::uint8_t *out, std::size_t size) {
        (void)out;
        (void)size;
        return false;
    }
    /// A line for developers, without any secret.
    virtual void log(std::uint32_t level, const std::string &line) {
        (void)level;
        (void)line;
    }
};

/// How an operation ended, or an event. Valid during the callback only.
class Completion {
public:
    explicit Completion(const playerlink_completion &raw) noexcept : raw_(raw) {}
    bool ok() const noexcept { return worked(raw_.result); }
    playerlink_result result() const noexcept { return raw_.result; }
    std::uint32_t kind() const noexcept { return raw_.kind; }
    playerlink_op op() const noexcept { return raw_.op; }
    /// NULL when there is none.
    const playerlink_session *session() const noexcept { return raw_.session; }
    /// NULL when it worked.
    const playerlink_error *error() const noexcept { return raw_.error; }
    /// Of `Client::create_linking_code` and of `PLAYERLINK_EVENT_LINKING_CHANGED`; else NULL. Its code is a secret.
    const playerlink_linking_snapshot *linking() const noexcept { return raw_.linking; }
    /// Of `Client::accounts`; else NULL. `copied` keeps them.
    const playerlink_accounts *accounts() const noexcept { return raw_.accounts; }
    const playerlink_completion &raw() const noexcept { return raw_; }

private:
    const playerlink_completion &raw_;
};

/// Gets a completion or an event, once for each operation that was started.
using Callback = std::function<void(const Completion &)>;

/// A session, copied.
struct Session {
    std::uint32_t status = PLAYERLINK_SESSION_NONE;
    std::uint32_t over_reason = PLAYERLINK_OVER_NOT;
    std::uint64_t revision = 0;
    std::string player_id, person_id, platform, platform_user_id, display_name;
};

/// A player who is signed in on this device, copied.
struct Account {
    std::string account_id; ///< for `Client::restore_account`
    std::string player_id, platform, display_name;
};

/// The accounts of a completion, copied, the active one first. None of NULL.
inline std::vector<Account> copied(const playerlink_accounts *from) {
    std::vector<Account> all;
    for (std::size_t i = 0; from != nullptr && i < from->account_count; i++) {
        const playerlink_account &raw = from->accounts[i];
        all.push_back(Account{text(raw.account_id), text(raw.player_id), text(raw.platform), text(raw.display_name)});
    }
    return all;
}

/// The text of the last client that could not be made.
inline std::string error_text(playerlink_client client = 0) {
    std::size_t size = 0;
    (void)playerlink_error_copy(client, nullptr, &size);
    std::string found(size, '\0');
    if (size == 0 || !worked(playerlink_error_copy(client, &found[0], &size))) {
        return std::string();
    }
    found.resize(size - 1);
    return found;
}

/// A client of one service. Move-only; its end destroys it, which completes what is under way. The host must live longer.
class Client {
public:
    Client() noexcept = default;
    Client(Client &&other) noexcept : handle_(other.handle_), shared_(std::move(other.shared_)) { other.handle_ = 0; }
    Client &operator=(Client &&other) noexcept {
        if (this != &other) {
            destroy();
            handle_ = other.handle_;
            other.handle_ = 0;
            shared_ = std::move(other.shared_);
        }
        return *this;
    }
    Client(const Client &) = delete;
    Client &operator=(const Client &) = delete;
    ~Client() { destroy(); }

    /// Makes one in `out`. `options.host` is filled in here. `on_event` gets the events; without, `next_event` has them.
    static playerlink_result create(playerlink_client_options options, Host &host, Client &out,
                                    Callback on_event = Callback()) {
        if (playerlink_abi_version() >> 16 != static_cast<std::uint32_t>(PLAYERLINK_ABI_VERSION) >> 16) {
            return PLAYERLINK_E_ABI_VERSION;
        }
        std::unique_ptr<Shared> shared(new (std::nothrow) Shared{&host, std::move(on_event)});
        if (shared == nullptr) {
            return PLAYERLINK_E_STATE;
        }
        playerlink_host table = make<playerlink_host>();
        table.user_data = shared.get();
        table.http_send = &Client::on_send;
        table.http_cancel = &Client::on_cancel;
        table.storage = host.has_storage() ? &Client::on_storage : nullptr;
        table.random = host.has_random() ? &Client::on_random : nullptr;
        table.log = &Client::on_log;
        options.host = &table;
        if (shared->on_event) {
            options.event = &Client::on_event;
            options.event_user_data = shared.get();
        }
        playerlink_client handle = 0;
        const playerlink_result result = playerlink_client_create(&options, &handle);
        if (worked(result)) {
            out.destroy();
            out.handle_ = handle;
            out.shared_ = std::move(shared);
        }
        return result;
    }

    explicit operator bool() const noexcept { return handle_ != 0; }
    playerlink_client handle() const noexcept { return handle_; }

    /// Once a frame. Milliseconds: of any clock that does not go back, and since 1970.
    playerlink_result tick(std::uint64_t now_ms, std::uint64_t wall_ms, std::uint32_t *wait_ms = nullptr) noexcept {
        return playerlink_client_tick(handle_, now_ms, wall_ms, wait_ms);
    }

    /// Ends it; what is under way completes with PLAYERLINK_E_CANCELLED in here. Not in one of its own callbacks: move it
    /// out and let it end after the tick.
    void destroy() noexcept {
        if (handle_ != 0) {
            (void)playerlink_client_destroy(handle_);
            handle_ = 0;
        }
        shared_.reset();
    }

    playerlink_result notify(std::uint32_t what) noexcept { return playerlink_client_notify(handle_, what); }
    playerlink_result cancel(playerlink_op op) noexcept { return playerlink_op_cancel(handle_, op); }
    /// Why the last call failed at once.
    std::string error_text() const { return playerlink::error_text(handle_); }

    playerlink_result login(const playerlink_credential &credential, Callback done, playerlink_op *op = nullptr) {
        return start(std::move(done), op, [&](playerlink_done_fn fn, void *data, playerlink_op *id) {
            return playerlink_login(handle_, &credential, fn, data, id);
        });
    }
    playerlink_result restore(Callback done, playerlink_op *op = nullptr) {
        return start_plain(std::move(done), op, &playerlink_session_restore);
    }
    /// Who is signed in on this device: `Completion::accounts`.
    playerlink_result accounts(Callback done, playerlink_op *op = nullptr) {
        return start_plain(std::move(done), op, &playerlink_accounts_list);
    }
    /// Takes up the stored session of one of `accounts`; PLAYERLINK_NOTHING when there is none that can be used.
    playerlink_result restore_account(const std::string &account_id, Callback done, playerlink_op *op = nullptr) {
        return start(std::move(done), op, [&](playerlink_done_fn fn, void *data, playerlink_op *id) {
            return playerlink_account_restore(handle_, account_id.data(), account_id.size(), fn, data, id);
        });
    }
    playerlink_result refresh(Callback done, playerlink_op *op = nullptr) {
        return start_plain(std::move(done), op, &playerlink_session_refresh);
    }
    playerlink_result prepare_token(Callback done, playerlink_op *op = nullptr) {
        return start_plain(std::move(done), op, &playerlink_session_prepare_token);
    }
    playerlink_result logout(Callback done, playerlink_op *op = nullptr) {
        return start_plain(std::move(done), op, &playerlink_logout);
    }
    playerlink_result links(Callback done, playerlink_op *op = nullptr) {
        return start_plain(std::move(done), op, &playerlink_account_links);
    }
    playerlink_result link(const playerlink_link_request &request, Callback done, playerlink_op *op = nullptr) {
        return start(std::move(done), op, [&](playerlink_done_fn fn, void *data, playerlink_op *id) {
            return playerlink_account_link(handle_, &request, fn, data, id);
        });
    }
    playerlink_result unlink(const playerlink_unlink_request &request, Callback done, playerlink_op *op = nullptr) {
        return start(std::move(done), op, [&](playerlink_done_fn fn, void *data, playerlink_op *id) {
            return playerlink_account_unlink(handle_, &request, fn, data, id);
        });
    }
    /// `identity` may be NULL: this session's account.
    playerlink_result enable_cross_progression(const playerlink_identity *identity, Callback done,
                                               playerlink_op *op = nullptr) {
        return start(std::move(done), op, [&](playerlink_done_fn fn, void *data, playerlink_op *id) {
            return playerlink_cross_progression_enable(handle_, identity, fn, data, id);
        });
    }
    playerlink_result disable_cross_progression(Callback done, playerlink_op *op = nullptr) {
        return start_plain(std::move(done), op, &playerlink_cross_progression_disable);
    }
    /// `options` may be NULL.
    playerlink_result create_linking_code(const playerlink_linking_options *options, Callback done,
                                          playerlink_op *op = nullptr) {
        return start(std::move(done), op, [&](playerlink_done_fn fn, void *data, playerlink_op *id) {
            return playerlink_linking_code_create(handle_, options, fn, data, id);
        });
    }
    /// What the player does with the code on the screen: `PLAYERLINK_LINKING_ACT_…`, done in the next tick.
    playerlink_result act_on_linking_code(std::uint32_t act) noexcept { return playerlink_linking_act(handle_, act); }
    /// The game's own server says that the code on the screen was used, or why it could not be; done in the next tick.
    playerlink_result push_linking_news(const playerlink_linking_news &news) noexcept {
        return playerlink_linking_push(handle_, &news);
    }
    playerlink_result link_by_code(const playerlink_link_by_code_request &request, Callback done,
                                   playerlink_op *op = nullptr) {
        return start(std::move(done), op, [&](playerlink_done_fn fn, void *data, playerlink_op *id) {
            return playerlink_link_by_code(handle_, &request, fn, data, id);
        });
    }
    playerlink_result provide_ticket(const playerlink_credential *credential) noexcept {
        return playerlink_ticket_provide(handle_, credential);
    }

    /// The session as it is now.
    playerlink_result session(Session &out) const {
        playerlink_session raw = make<playerlink_session>();
        std::string buffer;
        // It may grow between the two calls.
        for (int attempt = 0;; attempt++) {
            std::size_t size = buffer.size();
            const playerlink_result result =
                playerlink_session_get(handle_, &raw, buffer.empty() ? nullptr : &buffer[0], &size);
            if (result == PLAYERLINK_E_BUFFER && attempt < 4) {
                buffer.resize(size);
                continue;
            }
            if (worked(result)) {
                out.status = raw.status;
                out.over_reason = raw.over_reason;
                out.revision = raw.revision;
                out.player_id = text(raw.player_id);
                out.person_id = text(raw.person_id);
                out.platform = text(raw.platform);
                out.platform_user_id = text(raw.platform_user_id);
                out.display_name = text(raw.display_name);
            }
            return result;
        }
    }

    /// A secret: give it to `wipe` when it is no longer needed.
    playerlink_result access_token(std::string &out) const { return copy(&playerlink_session_copy_access_token, out); }
    /// The same for PlayFab's session ticket.
    playerlink_result ticket(std::string &out) const { return copy(&playerlink_session_copy_ticket, out); }

    /// Brings a request's answer, from any thread.
    playerlink_result complete(std::uint64_t request_id, const Response &response) {
        std::vector<playerlink_header> headers;
        headers.reserve(response.headers.size());
        for (const auto &header : response.headers) {
            headers.push_back(playerlink_header{view(header.first), view(header.second)});
        }
        playerlink_http_response raw = make<playerlink_http_response>();
        raw.status = response.status;
        raw.headers = headers.data();
        raw.header_count = headers.size();
        raw.body = playerlink_bytes{reinterpret_cast<const std::uint8_t *>(response.body.data()), response.body.size()};
        raw.failure = response.failure;
        return playerlink_http_complete(handle_, request_id, &raw);
    }
    /// Brings a storage request's outcome, from any thread. `value` NULL: nothing is stored under that key.
    playerlink_result stored(std::uint64_t request_id, bool worked, const std::string *value = nullptr) {
        playerlink_bytes bytes{nullptr, 0};
        if (value != nullptr) {
            bytes = playerlink_bytes{reinterpret_cast<const std::uint8_t *>(value->data()), value->size()};
        }
        return playerlink_storage_complete(handle_, request_id, worked ? 0 : 1, value != nullptr ? &bytes : nullptr);
    }

private:
    struct Shared {
        Host *host;
        Callback on_event;
    };
    struct Box {
        Callback done;
    };

    using Plain = playerlink_result (*)(playerlink_client, playerlink_done_fn, void *, playerlink_op *);

    playerlink_result start_plain(Callback done, playerlink_op *op, Plain function) {
        return start(std::move(done), op, [&](playerlink_done_fn fn, void *data, playerlink_op *id) {
            return function(handle_, fn, data, id);
        });
    }

    /// The box belongs to the completion from the moment the start worked.
    template <class Start>
    playerlink_result start(Callback done, playerlink_op *op, Start call) {
        std::unique_ptr<Box> box(new (std::nothrow) Box{std::move(done)});
        if (op != nullptr) {
            *op = 0;
        }
        if (box == nullptr) {
            return PLAYERLINK_E_STATE;
        }
        playerlink_op id = 0;
        const playerlink_result result = call(&Client::on_done, box.get(), &id);
        if (worked(result)) {
            (void)box.release();
            if (op != nullptr) {
                *op = id;
            }
        }
        return result;
    }

    template <class Function>
    playerlink_result copy(Function function, std::string &out) const {
        std::size_t size = 0;
        playerlink_result result = function(handle_, nullptr, &size);
        for (int attempt = 0; result == PLAYERLINK_E_BUFFER && attempt < 4; attempt++) {
            out.assign(size, '\0');
            result = function(handle_, &out[0], &size);
        }
        out.resize(worked(result) && size > 0 ? size - 1 : 0);
        return result;
    }

    static void on_done(void *data, playerlink_client, const playerlink_completion *raw) noexcept {
        const std::unique_ptr<Box> box(static_cast<Box *>(data));
        if (box->done) {
            box->done(Completion(*raw));
        }
    }
    static void on_event(void *data, playerlink_client, const playerlink_completion *raw) noexcept {
        static_cast<Shared *>(data)->on_event(Completion(*raw));
    }
    static std::int32_t on_send(void *data, playerlink_client, const playerlink_http_request *raw) noexcept {
        return static_cast<Shared *>(data)->host->send(Request(*raw)) ? 0 : 1;
    }
    static void on_cancel(void *data, playerlink_client, std::uint64_t id) noexcept {
        static_cast<Shared *>(data)->host->cancel(id);
    }
    static std::int32_t on_storage(void *data, playerlink_client, const playerlink_storage_request *raw) noexcept {
        return static_cast<Shared *>(data)->host->storage(*raw) ? 0 : 1;
    }
    static std::int32_t on_random(void *data, std::uint8_t *out, std::size_t size) noexcept {
        return static_cast<Shared *>(data)->host->random(out, size) ? 0 : 1;
    }
    static void on_log(void *data, std::uint32_t level, const playerlink_str *line) noexcept {
        static_cast<Shared *>(data)->host->log(level, text(*line));
    }

    playerlink_client handle_ = 0;
    std::unique_ptr<Shared> shared_;
};

/// Overwrites a secret.
inline void wipe(std::string &secret) noexcept {
    volatile char *bytes = secret.empty() ? nullptr : &secret[0];
    for (std::size_t i = 0; i < secret.size(); i++) {
        bytes[i] = 0;
    }
    secret.clear();
}

} // namespace playerlink

#endif // PLAYERLINK_HPP
