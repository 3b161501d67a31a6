// The C# declarations from a managed host: layouts, a login again and again with the garbage collector in between, UTF-8,
// handles that are no more. As Unity would do it: static callbacks, delegates in fields, one GCHandle for each operation.
using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Text;

namespace Playerlink.Tests
{
    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    internal unsafe delegate int HttpSend(void* userData, ulong client, playerlink_http_request* request);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    internal unsafe delegate void Log(void* userData, uint level, playerlink_str* line);

    internal static unsafe class Program
    {
        static int checks, failures;
        static readonly List<ulong> open = new List<ulong>();
        static string lastBody = "";

        // In fields: what native code calls must not be collected.
        static readonly HttpSend send = OnSend;
        static readonly Log log = OnLog;
        static readonly Native.done_delegate done = OnDone;

        sealed class Operation
        {
            internal int Completions;
            internal playerlink_result Result;
            internal string Player = "", Name = "";
        }

        static void Check(string what, long expected, long actual)
        {
            checks++;
            if (expected != actual)
            {
                failures++;
                Console.Error.WriteLine("{0}: is {1}, expected {2}", what, actual, expected);
            }
        }

        static string Text(playerlink_str from)
        {
            return from.ptr == null ? "" : Encoding.UTF8.GetString(from.ptr, (int)from.len);
        }

        static int OnSend(void* userData, ulong client, playerlink_http_request* request)
        {
            open.Add(request->id);
            lastBody = request->body.ptr == null ? "" : Encoding.UTF8.GetString(request->body.ptr, (int)request->body.len);
            return 0;
        }

        static void OnLog(void* userData, uint level, playerlink_str* line)
        {
            Check("a secret in the log", -1, Text(*line).IndexOf("canary", StringComparison.Ordinal));
        }

        static void OnDone(void* userData, playerlink_client client, playerlink_completion* completion)
        {
            GCHandle handle = GCHandle.FromIntPtr((IntPtr)userData);
            Operation operation = (Operation)handle.Target;
            handle.Free();
            operation.Completions++;
            operation.Result = completion->result;
            if (completion->session != null)
            {
                operation.Player = Text(completion->session->player_id);
                operation.Name = Text(completion->session->display_name);
            }
        }

        static playerlink_client Create(playerlink_host* host)
        {
            byte[] environment = Encoding.UTF8.GetBytes("demo"), id = Encoding.UTF8.GetBytes("game");
            byte[] secret = Encoding.UTF8.GetBytes("canary-client-secret");
            playerlink_client_options options = new playerlink_client_options();
            playerlink_client client = new playerlink_client();
            fixed (byte* e = environment, i = id, s = secret)
            {
                options.struct_size = (uint)sizeof(playerlink_client_options);
                options.abi_version = Native.PLAYERLINK_ABI_VERSION;
                options.service = Native.PLAYERLINK_SERVICE_RALLYHERE;
                options.log_level = Native.PLAYERLINK_LOG_DEBUG;
                options.environment = new playerlink_str { ptr = e, len = (UIntPtr)environment.Length };
                options.client_id = new playerlink_str { ptr = i, len = (UIntPtr)id.Length };
                options.client_secret = new playerlink_str { ptr = s, len = (UIntPtr)secret.Length };
                options.host = host;
                Check("create", 0, (long)Native.playerlink_client_create(&options, &client));
            }
            Check("handle is under 2^53", 0, (long)(client.Item1 >> 53));
            return client;
        }

        static Operation Login(playerlink_client client, string name)
        {
            Operation operation = new Operation();
            GCHandle handle = GCHandle.Alloc(operation);
            byte[] ticket = Encoding.UTF8.GetBytes("canary-steam"), shown = Encoding.UTF8.GetBytes(name);
            playerlink_op op = new playerlink_op();
            playerlink_credential credential = new playerlink_credential();
            fixed (byte* t = ticket, n = shown)
            {
                credential.struct_size = (uint)sizeof(playerlink_credential);
                credential.kind = Native.PLAYERLINK_CREDENTIAL_STEAM;
                credential.token = new playerlink_str { ptr = t, len = (UIntPtr)ticket.Length };
                credential.display_name = new playerlink_str { ptr = n, len = (UIntPtr)shown.Length };
                playerlink_result result =
                    Native.playerlink_login(client, &credential, done, (void*)GCHandle.ToIntPtr(handle), &op);
                Check("login", 0, (long)result);
            }
            return operation;
        }

        static void Answer(playerlink_client client, string body)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(body);
            fixed (byte* b = bytes)
            {
                foreach (ulong id in open)
                {
                    playerlink_http_response response = new playerlink_http_response();
                    response.struct_size = (uint)sizeof(playerlink_http_response);
                    response.status = 200;
                    response.body = new playerlink_bytes { ptr = b, len = (UIntPtr)bytes.Length };
                    Check("complete", 0, (long)Native.playerlink_http_complete(client, id, &response));
                }
            }
            open.Clear();
        }

        sealed class Service : ITransport
        {
            internal readonly List<HttpRequest> Open = new List<HttpRequest>();
            internal int Cancelled;
            public bool Send(Client client, HttpRequest request)
            {
                Open.Add(request);
                return true;
            }
            public void Cancel(Client client, ulong requestId)
            {
                Cancelled++;
            }
        }

        static readonly KeyValuePair<string, string>[] NoHeaders = new KeyValuePair<string, string>[0];

        /// The hand-written face: tasks, failures as exceptions, what is under way when it is disposed.
        static void Wrapper(string name, string body)
        {
            Service service = new Service();
            Client client = Client.RallyHere("demo", "game", "canary-secret", service);
            System.Threading.Tasks.Task<Session> login = client.LoginSteam("canary-ticket", name);
            client.Tick(1, 1);
            GC.Collect();
            Check("one request", 1, service.Open.Count);
            Check("https", 0, service.Open[0].Url.IndexOf("https://", StringComparison.Ordinal));
            client.Complete(service.Open[0].Id, 200, NoHeaders, Encoding.UTF8.GetBytes(body));
            for (ulong frame = 2; frame < 8; frame++)
            {
                client.Tick(frame, frame);
            }
            Check("logged in", 1, login.Wait(1000) && login.Result.SignedIn ? 1 : 0);
            Check("name", 0, string.CompareOrdinal(name, login.Result.DisplayName));
            Check("token", 0, string.CompareOrdinal("canary-a", client.AccessToken()));

            System.Threading.Tasks.Task<Session> refused = client.LoginSteam("canary-other", name);
            client.Tick(20, 20);
            client.Complete(service.Open[1].Id, 403, NoHeaders,
                Encoding.UTF8.GetBytes("{\"error_code\":\"agreement_needed\",\"needs_eula\":true}"));
            for (ulong frame = 21; frame < 28; frame++)
            {
                client.Tick(frame, frame);
            }
            Check("refused", 1, ((System.Threading.Tasks.Task)refused).IsFaulted ? 1 : 0);
            PlayerlinkException error = refused.Exception.InnerException as PlayerlinkException;
            Check("as a failure of ours", 1, error != null && error.HttpStatus == 403 && error.Kind.Length > 3 ? 1 : 0);
            Check("without a secret", -1, error.Message.IndexOf("canary", StringComparison.Ordinal));

            System.Threading.Tasks.Task<Session> refresh = client.Refresh();
            client.Tick(30, 30);
            client.Dispose();
            client.Dispose();
            Check("cancelled", 1, refresh.IsFaulted ? 1 : 0);
            Check("by its name", 0, string.CompareOrdinal("cancelled", ((PlayerlinkException)refresh.Exception.InnerException).Kind));

            bool thrown = false;
            try
            {
                Client.RallyHere("demo", "", "", service);
            }
            catch (PlayerlinkException wrong)
            {
                thrown = wrong.Result < 0 && wrong.Message.Length > 5;
            }
            Check("a wrong set-up is thrown", 1, thrown ? 1 : 0);
        }

        static int Main()
        {
            Layout.Compare((name, table, runtime) => Check(name, table, runtime));
            Check("version", Native.PLAYERLINK_ABI_VERSION, Native.playerlink_abi_version());
            Check("negative numbers", -40, (long)playerlink_result.PLAYERLINK_E_PLATFORM_TICKET);
            Check("the same as a constant", -40, Native.PLAYERLINK_E_PLATFORM_TICKET);

            IntPtr kept = Marshal.AllocHGlobal(sizeof(playerlink_host));
            playerlink_host* host = (playerlink_host*)kept;
            *host = new playerlink_host();
            host->struct_size = (uint)sizeof(playerlink_host);
            host->http_send = (void*)Marshal.GetFunctionPointerForDelegate(send);
            host->log = (void*)Marshal.GetFunctionPointerForDelegate(log);

            Misuse.All((what, expected, actual) => Check(what, expected, actual), () => Create((playerlink_host*)kept));

            const string Name = "Zoë 🎮 火";
            const string Body = "{\"access_token\":\"canary-a\",\"refresh_token\":\"canary-r\",\"token_type\":\"bearer\"," +
                "\"expires_in\":3600,\"active_player_uuid\":\"player-1\",\"person_id\":\"q\",\"platform\":\"Steam\"," +
                "\"portal_user_id\":\"s\",\"display_name\":\"" + Name + "\"}";
            ulong now = 1UL << 40;
            for (int i = 0; i < 1000; i++)
            {
                playerlink_client client = Create(host);
                Operation operation = Login(client, Name);
                if (i % 50 == 0)
                {
                    GC.Collect();
                    GC.WaitForPendingFinalizers();
                }
                Native.playerlink_client_tick(client, now, 0, null);
                if (i % 3 != 2)
                {
                    Check("the name went out", 1, lastBody.Contains(Name) ? 1 : 0);
                    Answer(client, Body);
                    for (int frame = 0; frame < 5; frame++)
                    {
                        Native.playerlink_client_tick(client, ++now, 0, null);
                    }
                    Check("result", 0, (long)operation.Result);
                    Check("player", 0, string.CompareOrdinal("player-1", operation.Player));
                    Check("name", 0, string.CompareOrdinal(Name, operation.Name));
                }
                open.Clear();
                Check("destroy", 0, (long)Native.playerlink_client_destroy(client));
                Check("exactly once", 1, operation.Completions);
                Check("afterwards", (long)playerlink_result.PLAYERLINK_E_BAD_HANDLE,
                    (long)Native.playerlink_client_tick(client, now, 0, null));
            }
            for (int i = 0; i < 20; i++)
            {
                Wrapper(Name, Body);
            }
            AccountsAndCodes.SeveralPlayersAreListedAndOneIsTakenUp(Check);
            AccountsAndCodes.TheGamesServerSaysWhatBecameOfACode(Check);
            Console.WriteLine("C#: {0} checks, {1} failed", checks, failures);
            return failures == 0 ? 0 : 1;
        }
    }
}
