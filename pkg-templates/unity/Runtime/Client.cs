using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading.Tasks;

namespace Playerlink
{
    /// <summary>IL2CPP looks for an attribute of this name on what native code calls.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    internal sealed class MonoPInvokeCallbackAttribute : Attribute
    {
        internal MonoPInvokeCallbackAttribute(Type type) { }
    }

    /// <summary>A request to send: one absolute URL, no redirect followed, no retry.</summary>
    public sealed class HttpRequest
    {
        public ulong Id;
        public uint TimeoutMs;
        public string Method, Url;
        /// <summary>They hold secrets: do not log them.</summary>
        public KeyValuePair<string, string>[] Headers;
        public byte[] Body;
    }

    /// <summary>The game's HTTP, e.g. UnityWebRequest. Answers go to <see cref="Client.Complete"/>, from any thread.</summary>
    public interface ITransport
    {
        /// <summary>Starts a request; false: it cannot.</summary>
        bool Send(Client client, HttpRequest request);
        /// <summary>Nobody waits for this request any more.</summary>
        void Cancel(Client client, ulong requestId);
    }

    /// <summary>
    /// Where sessions are kept, by keys that are good as names of files. Values hold secrets. Outcomes go to
    /// <see cref="Client.Stored"/>, from any thread, also in the call. False: it cannot.
    /// </summary>
    public interface IStorage
    {
        /// <summary>Starts to load what is stored under a key.</summary>
        bool Load(Client client, ulong requestId, string key);
        /// <summary>Starts to replace what is stored under a key.</summary>
        bool Store(Client client, ulong requestId, string key, byte[] value);
        /// <summary>Starts to remove what is stored under a key.</summary>
        bool Delete(Client client, ulong requestId, string key);
    }

    /// <summary>A player who is signed in on this device.</summary>
    public sealed class Account
    {
        /// <summary>For <see cref="Client.RestoreAccount"/>.</summary>
        public string AccountId;
        public string PlayerId, Platform, DisplayName;
        /// <summary>Whether <see cref="Client.Restore"/> takes this one up.</summary>
        public bool IsActive;
    }

    /// <summary>The player as the session has it.</summary>
    public sealed class Session
    {
        public string PlayerId, PersonId, Platform, DisplayName;
        public bool SignedIn;
    }

    /// <summary>Why an operation failed. No text in it holds a secret.</summary>
    public sealed class PlayerlinkException : Exception
    {
        /// <summary>What can be done about it, e.g. <c>platform-ticket</c>.</summary>
        public string Kind;
        public int Result, HttpStatus, ServiceCodeNumber;
        public uint RetryAfterMs;
        public string ServiceCode = "", PlayerMessage = "";
        internal PlayerlinkException(string message) : base(message) { }
    }

    /// <summary>
    /// A client of one service. Call <see cref="Tick"/> once a frame: everything happens in there, on the thread that calls
    /// it. Dispose it before the scripts are reloaded (in the editor: AssemblyReloadEvents.beforeAssemblyReload).
    /// </summary>
    public sealed unsafe partial class Client : IDisposable
    {
        [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
        private delegate int SendFn(void* userData, ulong client, playerlink_http_request* request);
        [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
        private delegate void CancelFn(void* userData, ulong client, ulong id);
        [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
        private delegate int StorageFn(void* userData, ulong client, playerlink_storage_request* request);

        // In fields, and static: the collector must not take what native code still calls.
        private static readonly SendFn send = OnSend;
        private static readonly CancelFn cancel = OnCancel;
        private static readonly StorageFn store = OnStorage;
        private static readonly Native.done_delegate done = OnDone;

        private readonly ITransport transport;
        private readonly IStorage storage;
        private GCHandle self;
        private playerlink_client handle;

        private Client(ITransport transport, IStorage storage)
        {
            this.transport = transport;
            this.storage = storage;
        }

        /// <summary>A RallyHere client. Throws what is wrong with the set-up. Without a storage, sessions end with the game.</summary>
        public static Client RallyHere(
            string environment, string clientId, string clientSecret, ITransport transport, IStorage storage = null)
        {
            playerlink_client_options options = new playerlink_client_options();
            options.service = Native.PLAYERLINK_SERVICE_RALLYHERE;
            using (Texts texts = new Texts())
            {
                options.environment = texts.Of(environment);
                options.client_id = texts.Of(clientId);
                options.client_secret = texts.Of(clientSecret);
                return Create(options, transport, storage);
            }
        }

        private static Client Create(playerlink_client_options options, ITransport transport, IStorage storage)
        {
            if (Native.playerlink_abi_version() >> 16 != Native.PLAYERLINK_ABI_VERSION >> 16)
            {
                throw new PlayerlinkException("the native library is of another version than Native.g.cs");
            }
            Client made = new Client(transport, storage);
            made.self = GCHandle.Alloc(made);
            playerlink_host host = new playerlink_host();
            host.struct_size = (uint)sizeof(playerlink_host);
            host.user_data = (void*)GCHandle.ToIntPtr(made.self);
            host.http_send = (void*)Marshal.GetFunctionPointerForDelegate(send);
            host.http_cancel = (void*)Marshal.GetFunctionPointerForDelegate(cancel);
            host.storage = storage == null ? null : (void*)Marshal.GetFunctionPointerForDelegate(store);
            options.struct_size = (uint)sizeof(playerlink_client_options);
            options.abi_version = Native.PLAYERLINK_ABI_VERSION;
            options.host = &host;
            playerlink_client handle = new playerlink_client();
            playerlink_result result = Native.playerlink_client_create(&options, &handle);
            if (result < 0)
            {
                made.self.Free();
                throw Failure(result, handle);
            }
            made.handle = handle;
            return made;
        }

        /// <summary>Once a frame. Milliseconds: of a clock that does not go back, and since 1970.</summary>
        public void Tick(ulong nowMs, ulong wallMs)
        {
            Native.playerlink_client_tick(handle, nowMs, wallMs, null);
        }

        /// <summary>Signs in with a Steam ticket. Fails with a <see cref="PlayerlinkException"/>.</summary>
        public Task<Session> LoginSteam(string ticket, string displayName)
        {
            using (Texts texts = new Texts())
            {
                playerlink_credential credential = new playerlink_credential();
                credential.struct_size = (uint)sizeof(playerlink_credential);
                credential.kind = Native.PLAYERLINK_CREDENTIAL_STEAM;
                credential.token = texts.Of(ticket);
                credential.display_name = texts.Of(displayName);
                IntPtr box;
                Task<Session> task = Begin<Session>(ReadSession, out box);
                return Started(Native.playerlink_login(handle, &credential, done, (void*)box, null), box, task);
            }
        }

        /// <summary>Takes the stored session up again. Null: there is none that can be used.</summary>
        public Task<Session> Restore()
        {
            IntPtr box;
            Task<Session> task = Begin<Session>(ReadSession, out box);
            return Started(Native.playerlink_session_restore(handle, done, (void*)box, null), box, task);
        }

        /// <summary>Who is signed in on this device, the active one first.</summary>
        public Task<Account[]> Accounts()
        {
            IntPtr box;
            Task<Account[]> task = Begin<Account[]>(ReadAccounts, out box);
            return Started(Native.playerlink_accounts_list(handle, done, (void*)box, null), box, task);
        }

        /// <summary>Takes up the stored session of one of <see cref="Accounts"/>. Null: there is none that can be used.</summary>
        public Task<Session> RestoreAccount(string accountId)
        {
            using (Texts texts = new Texts())
            {
                playerlink_str account = texts.Of(accountId);
                IntPtr box;
                Task<Session> task = Begin<Session>(ReadSession, out box);
                return Started(
                    Native.playerlink_account_restore(handle, account.ptr, account.len, done, (void*)box, null), box, task);
            }
        }

        /// <summary>Refreshes now.</summary>
        public Task<Session> Refresh()
        {
            IntPtr box;
            Task<Session> task = Begin<Session>(ReadSession, out box);
            return Started(Native.playerlink_session_refresh(handle, done, (void*)box, null), box, task);
        }

        /// <summary>Signs out.</summary>
        public Task<Session> Logout()
        {
            IntPtr box;
            Task<Session> task = Begin<Session>(ReadSession, out box);
            return Started(Native.playerlink_logout(handle, done, (void*)box, null), box, task);
        }

        /// <summary>The access token, or null when it has to be refreshed first. A secret.</summary>
        public string AccessToken()
        {
            UIntPtr size = UIntPtr.Zero;
            Native.playerlink_session_copy_access_token(handle, null, &size);
            byte[] buffer = new byte[Math.Max(1, (int)size)];
            fixed (byte* first = buffer)
            {
                playerlink_result result = Native.playerlink_session_copy_access_token(handle, first, &size);
                string token = result < 0 ? null : Encoding.UTF8.GetString(buffer, 0, (int)size - 1);
                Array.Clear(buffer, 0, buffer.Length);
                return token;
            }
        }

        /// <summary>Brings a request's answer, from any thread. Status 0: there is none.</summary>
        public void Complete(ulong requestId, uint status, KeyValuePair<string, string>[] headers, byte[] body)
        {
            using (Texts texts = new Texts())
            {
                playerlink_header[] all = new playerlink_header[headers.Length + 1];
                for (int i = 0; i < headers.Length; i++)
                {
                    all[i].name = texts.Of(headers[i].Key);
                    all[i].value = texts.Of(headers[i].Value);
                }
                fixed (playerlink_header* first = all)
                fixed (byte* bytes = body.Length > 0 ? body : new byte[1])
                {
                    playerlink_http_response response = new playerlink_http_response();
                    response.struct_size = (uint)sizeof(playerlink_http_response);
                    response.status = status;
                    response.headers = first;
                    response.header_count = (UIntPtr)headers.Length;
                    response.body.ptr = bytes;
                    response.body.len = (UIntPtr)body.Length;
                    // A late or second answer is refused, and that is all.
                    Native.playerlink_http_complete(handle, requestId, &response);
                }
            }
        }

        /// <summary>Brings a storage request's outcome, from any thread. Null: nothing is stored under that key.</summary>
        public void Stored(ulong requestId, bool worked, byte[] value = null)
        {
            playerlink_bytes bytes = new playerlink_bytes();
            fixed (byte* first = value == null || value.Length == 0 ? new byte[1] : value)
            {
                bytes.ptr = first;
                bytes.len = (UIntPtr)(value == null ? 0 : value.Length);
                // A late or second outcome is refused, and that is all.
                Native.playerlink_storage_complete(handle, requestId, worked ? 0 : 1, value == null ? null : &bytes);
            }
        }

        /// <summary>Ends it; what is under way fails with kind <c>cancelled</c> in here.</summary>
        public void Dispose()
        {
            if (self.IsAllocated)
            {
                Native.playerlink_client_destroy(handle);
                self.Free();
            }
        }

        private static Task<T> Begin<T>(Pending<T>.Reader read, out IntPtr box)
        {
            Pending<T> pending = new Pending<T>(read);
            box = GCHandle.ToIntPtr(GCHandle.Alloc(pending));
            return pending.Task;
        }

        /// A start that failed has no completion: the box is ours again.
        private Task<T> Started<T>(playerlink_result result, IntPtr box, Task<T> task)
        {
            if (result < 0)
            {
                GCHandle.FromIntPtr(box).Free();
                throw Failure(result, handle);
            }
            return task;
        }

        [MonoPInvokeCallback(typeof(Native.done_delegate))]
        private static void OnDone(void* userData, playerlink_client client, playerlink_completion* completion)
        {
            try
            {
                GCHandle box = GCHandle.FromIntPtr((IntPtr)userData);
                Pending pending = (Pending)box.Target;
                box.Free();
                if (completion->error != null)
                {
                    playerlink_error* error = completion->error;
                    PlayerlinkException failure = new PlayerlinkException(Texts.Read(error->message));
                    failure.Kind = Name(completion->result);
                    failure.Result = (int)completion->result;
                    failure.HttpStatus = (int)error->http_status;
                    failure.RetryAfterMs = error->retry_after_ms;
                    failure.ServiceCode = Texts.Read(error->service_code);
                    failure.ServiceCodeNumber = (int)error->service_code_number;
                    failure.PlayerMessage = Texts.Read(error->player_message);
                    pending.Fail(failure);
                    return;
                }
                pending.Succeed(completion);
            }
            catch (Exception)
            {
                // Nothing may be thrown through native frames.
            }
        }

        private static Session ReadSession(playerlink_completion* completion)
        {
            if (completion->result == playerlink_result.PLAYERLINK_NOTHING)
            {
                return null;
            }
            Session session = new Session();
            if (completion->session != null)
            {
                session.PlayerId = Texts.Read(completion->session->player_id);
                session.PersonId = Texts.Read(completion->session->person_id);
                session.Platform = Texts.Read(completion->session->platform);
                session.DisplayName = Texts.Read(completion->session->display_name);
                session.SignedIn = completion->session->status == Native.PLAYERLINK_SESSION_SIGNED_IN;
            }
            return session;
        }

        private static Account[] ReadAccounts(playerlink_completion* completion)
        {
            playerlink_accounts* list = completion->accounts;
            Account[] all = new Account[list == null ? 0 : (int)list->account_count];
            for (int i = 0; i < all.Length; i++)
            {
                all[i] = new Account();
                all[i].AccountId = Texts.Read(list->accounts[i].account_id);
                all[i].PlayerId = Texts.Read(list->accounts[i].player_id);
                all[i].Platform = Texts.Read(list->accounts[i].platform);
                all[i].DisplayName = Texts.Read(list->accounts[i].display_name);
                all[i].IsActive = i == 0 && list->has_active == 1;
            }
            return all;
        }

        [MonoPInvokeCallback(typeof(SendFn))]
        private static int OnSend(void* userData, ulong client, playerlink_http_request* raw)
        {
            try
            {
                Client owner = (Client)GCHandle.FromIntPtr((IntPtr)userData).Target;
                HttpRequest request = new HttpRequest();
                request.Id = raw->id;
                request.TimeoutMs = raw->timeout_ms;
                request.Method = Texts.Read(raw->method);
                request.Url = Texts.Read(raw->url);
                request.Headers = new KeyValuePair<string, string>[(int)raw->header_count];
                for (int i = 0; i < request.Headers.Length; i++)
                {
                    request.Headers[i] = new KeyValuePair<string, string>(
                        Texts.Read(raw->headers[i].name), Texts.Read(raw->headers[i].value));
                }
                request.Body = new byte[(int)raw->body.len];
                if (request.Body.Length > 0)
                {
                    Marshal.Copy((IntPtr)raw->body.ptr, request.Body, 0, request.Body.Length);
                }
                return owner.transport.Send(owner, request) ? 0 : 1;
            }
            catch (Exception)
            {
                return 1;
            }
        }

        [MonoPInvokeCallback(typeof(CancelFn))]
        private static void OnCancel(void* userData, ulong client, ulong id)
        {
            try
            {
                Client owner = (Client)GCHandle.FromIntPtr((IntPtr)userData).Target;
                owner.transport.Cancel(owner, id);
            }
            catch (Exception)
            {
                // Nothing may be thrown through native frames.
            }
        }

        [MonoPInvokeCallback(typeof(StorageFn))]
        private static int OnStorage(void* userData, ulong client, playerlink_storage_request* raw)
        {
            try
            {
                Client owner = (Client)GCHandle.FromIntPtr((IntPtr)userData).Target;
                string key = Texts.Read(raw->key);
                switch (raw->kind)
                {
                    case Native.PLAYERLINK_STORAGE_LOAD:
                        return owner.storage.Load(owner, raw->id, key) ? 0 : 1;
                    case Native.PLAYERLINK_STORAGE_STORE:
                        byte[] value = new byte[(int)raw->value.len];
                        if (value.Length > 0)
                        {
                            Marshal.Copy((IntPtr)raw->value.ptr, value, 0, value.Length);
                        }
                        return owner.storage.Store(owner, raw->id, key, value) ? 0 : 1;
                    case Native.PLAYERLINK_STORAGE_DELETE:
                        return owner.storage.Delete(owner, raw->id, key) ? 0 : 1;
                    default:
                        return 1;
                }
            }
            catch (Exception)
            {
                return 1;
            }
        }

        private static string Name(playerlink_result result)
        {
            return Marshal.PtrToStringAnsi((IntPtr)Native.playerlink_result_name((int)result));
        }

        private static PlayerlinkException Failure(playerlink_result result, playerlink_client client)
        {
            byte[] buffer = new byte[1024];
            UIntPtr size = (UIntPtr)buffer.Length;
            string message = Name(result);
            fixed (byte* first = buffer)
            {
                if (Native.playerlink_error_copy(client, first, &size) == playerlink_result.PLAYERLINK_OK)
                {
                    message = Encoding.UTF8.GetString(buffer, 0, (int)size - 1);
                }
            }
            PlayerlinkException failure = new PlayerlinkException(message);
            failure.Kind = Name(result);
            failure.Result = (int)result;
            return failure;
        }
    }

    /// <summary>What waits for a completion.</summary>
    internal abstract unsafe class Pending
    {
        internal abstract void Succeed(playerlink_completion* completion);
        internal abstract void Fail(PlayerlinkException why);
    }

    /// <summary>The same with its task, and how the task's result is read.</summary>
    internal sealed unsafe class Pending<T> : Pending
    {
        internal delegate T Reader(playerlink_completion* completion);

        // Continuations must not run inside the library's callback.
        private readonly TaskCompletionSource<T> source =
            new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Reader read;

        internal Pending(Reader read) { this.read = read; }
        internal Task<T> Task { get { return source.Task; } }
        internal override void Succeed(playerlink_completion* completion) { source.TrySetResult(read(completion)); }
        internal override void Fail(PlayerlinkException why) { source.TrySetException(why); }
    }

    /// <summary>Texts for one call: pinned until the end of it, then wiped.</summary>
    internal sealed unsafe class Texts : IDisposable
    {
        private readonly List<GCHandle> pinned = new List<GCHandle>();

        internal playerlink_str Of(string text)
        {
            if (string.IsNullOrEmpty(text))
            {
                return new playerlink_str();
            }
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            GCHandle pin = GCHandle.Alloc(bytes, GCHandleType.Pinned);
            pinned.Add(pin);
            return new playerlink_str { ptr = (byte*)pin.AddrOfPinnedObject(), len = (UIntPtr)bytes.Length };
        }

        internal static string Read(playerlink_str text)
        {
            byte[] bytes = new byte[(int)text.len];
            if (bytes.Length == 0)
            {
                return "";
            }
            Marshal.Copy((IntPtr)text.ptr, bytes, 0, bytes.Length);
            return Encoding.UTF8.GetString(bytes);
        }

        public void Dispose()
        {
            foreach (GCHandle pin in pinned)
            {
                byte[] bytes = (byte[])pin.Target;
                Array.Clear(bytes, 0, bytes.Length);
                pin.Free();
            }
        }
    }
}
