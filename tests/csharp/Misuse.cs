// What happens when the header is not followed, from C#: an answer that is written down, and nothing done.
using System;
using System.Reflection;
using System.Text;

namespace Playerlink.Tests
{
    internal static unsafe class Misuse
    {
        static Action<string, long, long> check;

        internal static void All(Action<string, long, long> checks, Func<playerlink_client> create)
        {
            check = checks;
            EveryPointerNullInTurn(create);
            HandlesThatAreNone(create);
            StructSizes(create);
            NumbersOutOfRange(create);
            Texts(create);
            BuffersOfEverySize(create);
        }

        static void Is(string what, playerlink_result expected, playerlink_result actual)
        {
            check(what, (long)expected, (long)actual);
        }

        /// All of them, found in the declarations themselves.
        static void EveryPointerNullInTurn(Func<playerlink_client> create)
        {
            playerlink_client client = create();
            byte* scratch = stackalloc byte[4096];
            int calls = 0;
            foreach (MethodInfo call in typeof(Native).GetMethods(BindingFlags.Static | BindingFlags.NonPublic))
            {
                ParameterInfo[] parameters = call.GetParameters();
                for (int none = 0; call.Name.StartsWith("playerlink_", StringComparison.Ordinal) && none < parameters.Length; none++)
                {
                    if (!parameters[none].ParameterType.IsPointer)
                    {
                        continue;
                    }
                    object[] arguments = new object[parameters.Length];
                    for (int at = 0; at < parameters.Length; at++)
                    {
                        Type type = parameters[at].ParameterType;
                        arguments[at] = type == typeof(playerlink_client) ? client
                            : type.IsPointer ? (object)(at == none ? IntPtr.Zero : (IntPtr)scratch)
                            : type.IsValueType ? Activator.CreateInstance(type) : null;
                    }
                    for (int at = 0; at < 4096; at++)
                    {
                        scratch[at] = 0;
                    }
                    playerlink_result result = (playerlink_result)call.Invoke(null, arguments);
                    string what = call.Name + " with NULL for " + parameters[none].Name;
                    check(what + " is no defect", 0, result == playerlink_result.PLAYERLINK_E_INTERNAL ? 1 : 0);
                    bool needed = parameters[none].Name != "user_data" && parameters[none].Name != "out_op"
                        && parameters[none].Name != "out_wait_ms" && parameters[none].Name != "value"
                        && parameters[none].Name != "buffer" && parameters[none].Name != "text"
                        && parameters[none].Name != "format" && call.Name != "playerlink_cross_progression_enable"
                        && call.Name != "playerlink_linking_code_create";
                    if (needed)
                    {
                        check(what + " fails", 1, (int)result < 0 ? 1 : 0);
                    }
                    calls++;
                }
            }
            check("calls with NULL", 1, calls > 50 ? 1 : 0);
            Is("NULL as a credential", playerlink_result.PLAYERLINK_E_NULL,
                Native.playerlink_login(client, null, null, null, null));
            Is("NULL as options", playerlink_result.PLAYERLINK_E_NULL, Native.playerlink_client_create(null, null));
            Is("the client still works", playerlink_result.PLAYERLINK_OK, Native.playerlink_client_tick(client, 1, 1, null));
            Is("and ends", playerlink_result.PLAYERLINK_OK, Native.playerlink_client_destroy(client));
        }

        static void HandlesThatAreNone(Func<playerlink_client> create)
        {
            playerlink_client client = create();
            for (int bit = -1; bit < 64; bit++)
            {
                playerlink_client wrong = new playerlink_client { Item1 = bit < 0 ? 0 : client.Item1 ^ (1UL << bit) };
                Is("a handle that is none", playerlink_result.PLAYERLINK_E_BAD_HANDLE,
                    Native.playerlink_client_notify(wrong, Native.PLAYERLINK_NOTIFY_RESUMED));
            }
            Is("an operation of no kind", playerlink_result.PLAYERLINK_E_BAD_HANDLE,
                Native.playerlink_op_cancel(client, new playerlink_op { Item1 = client.Item1 }));
            Is("destroyed", playerlink_result.PLAYERLINK_OK, Native.playerlink_client_destroy(client));
            Is("twice", playerlink_result.PLAYERLINK_E_BAD_HANDLE, Native.playerlink_client_destroy(client));
            for (int i = 0; i < 10000; i++)
            {
                playerlink_client next = create();
                Is("a new one in its place", playerlink_result.PLAYERLINK_E_BAD_HANDLE,
                    Native.playerlink_client_notify(client, Native.PLAYERLINK_NOTIFY_RESUMED));
                Is("which ends", playerlink_result.PLAYERLINK_OK, Native.playerlink_client_destroy(next));
            }
        }

        static playerlink_result Login(playerlink_client client, playerlink_credential credential, byte* token, long size)
        {
            playerlink_op op = new playerlink_op { Item1 = 7 };
            credential.token = new playerlink_str { ptr = token, len = size < 0 ? Native.PLAYERLINK_NUL_TERMINATED : (UIntPtr)(ulong)size };
            playerlink_result result = Native.playerlink_login(client, &credential, null, null, &op);
            check("no operation without success", 1, (op.Item1 != 0) == (result == playerlink_result.PLAYERLINK_OK) ? 1 : 0);
            if (op.Item1 != 0)
            {
                Is("cancelled", playerlink_result.PLAYERLINK_OK, Native.playerlink_op_cancel(client, op));
                Native.playerlink_client_tick(client, 1, 1, null);
            }
            return result;
        }

        static playerlink_credential Steam()
        {
            playerlink_credential credential = new playerlink_credential();
            credential.struct_size = (uint)sizeof(playerlink_credential);
            credential.kind = Native.PLAYERLINK_CREDENTIAL_STEAM;
            return credential;
        }

        static void StructSizes(Func<playerlink_client> create)
        {
            playerlink_client client = create();
            uint known = (uint)sizeof(playerlink_credential);
            byte token = (byte)'a';
            foreach (uint size in new uint[] { 0, 3, known - 1, uint.MaxValue })
            {
                playerlink_credential credential = Steam();
                credential.struct_size = size;
                Is("a size of " + size, playerlink_result.PLAYERLINK_E_STRUCT_SIZE, Login(client, credential, &token, 1));
            }
            byte* room = stackalloc byte[4096];
            for (int tail = 0; tail < 2; tail++)
            {
                for (int at = 0; at < 4096; at++)
                {
                    room[at] = 0;
                }
                playerlink_credential* newer = (playerlink_credential*)room;
                *newer = Steam();
                newer->token = new playerlink_str { ptr = &token, len = (UIntPtr)1 };
                newer->struct_size = 4096;
                room[4095] = (byte)tail;
                Is("of a newer program, tail " + tail,
                    tail == 0 ? playerlink_result.PLAYERLINK_OK : playerlink_result.PLAYERLINK_E_STRUCT_SIZE,
                    Native.playerlink_login(client, newer, null, null, null));
            }
            Native.playerlink_client_destroy(client);
        }

        static void NumbersOutOfRange(Func<playerlink_client> create)
        {
            playerlink_client client = create();
            byte token = (byte)'a';
            foreach (uint kind in new uint[] { 0, Native.PLAYERLINK_CREDENTIAL_GRANT + 1, 1u << 31, uint.MaxValue })
            {
                playerlink_credential credential = Steam();
                credential.kind = kind;
                Is("kind " + kind, playerlink_result.PLAYERLINK_E_ARGUMENT, Login(client, credential, &token, 1));
            }
            for (int bit = 5; bit < 32; bit++)
            {
                playerlink_credential credential = Steam();
                credential.flags = 1u << bit;
                Is("flag " + bit, playerlink_result.PLAYERLINK_E_ARGUMENT, Login(client, credential, &token, 1));
            }
            Is("notify", playerlink_result.PLAYERLINK_E_ARGUMENT, Native.playerlink_client_notify(client, 4));
            Native.playerlink_client_destroy(client);
        }

        static void Texts(Func<playerlink_client> create)
        {
            playerlink_client client = create();
            byte[] good = Encoding.UTF8.GetBytes("🎮"), bad = { 0xC3, 0x28 }, nul = { 97, 0, 98 };
            fixed (byte* g = good, b = bad, n = nul)
            {
                Is("no text", playerlink_result.PLAYERLINK_E_ARGUMENT, Login(client, Steam(), g, 0));
                Is("NULL with a length", playerlink_result.PLAYERLINK_E_NULL, Login(client, Steam(), null, 4));
                Is("not UTF-8", playerlink_result.PLAYERLINK_E_ARGUMENT, Login(client, Steam(), b, 2));
                Is("half a character", playerlink_result.PLAYERLINK_E_ARGUMENT, Login(client, Steam(), g, 2));
                Is("a NUL inside", playerlink_result.PLAYERLINK_E_ARGUMENT, Login(client, Steam(), n, 3));
                Is("beyond its limit", playerlink_result.PLAYERLINK_E_ARGUMENT, Login(client, Steam(), g, 1L << 40));
                Is("up to its NUL", playerlink_result.PLAYERLINK_OK, Login(client, Steam(), n, -1));
                Is("exactly", playerlink_result.PLAYERLINK_OK, Login(client, Steam(), g, good.Length));
            }
            Native.playerlink_client_destroy(client);
        }

        static void BuffersOfEverySize(Func<playerlink_client> create)
        {
            playerlink_client client = create();
            Native.playerlink_login(client, null, null, null, null);
            UIntPtr size = UIntPtr.Zero;
            Is("how much is needed", playerlink_result.PLAYERLINK_E_BUFFER, Native.playerlink_error_copy(client, null, &size));
            uint need = (uint)size;
            check("more than nothing", 1, need > 4 ? 1 : 0);
            byte* room = stackalloc byte[(int)need + 8];
            foreach (uint given in new uint[] { 0, need - 1, need, need + 1 })
            {
                for (uint at = 0; at < need + 8; at++)
                {
                    room[at] = 0x7f;
                }
                size = (UIntPtr)given;
                Is("a buffer of " + given, given < need ? playerlink_result.PLAYERLINK_E_BUFFER : playerlink_result.PLAYERLINK_OK,
                    Native.playerlink_error_copy(client, room, &size));
                check("its need", need, (uint)size);
                check("nothing behind it", 0x7f, room[given < need ? 0 : need]);
            }
            Native.playerlink_client_destroy(client);
        }
    }
}
