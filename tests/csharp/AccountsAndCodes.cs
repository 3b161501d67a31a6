// The C# client with a store and with a linking code: who is signed in, taken up again after a restart, and what the game's
// server says of a code that is shown.
using System;
using System.Collections.Generic;
using System.Text;
using System.Threading.Tasks;

namespace Playerlink.Tests
{
    internal static class AccountsAndCodes
    {
        static Action<string, long, long> check;

        static void True(string what, bool holds)
        {
            check(what, 1, holds ? 1 : 0);
        }

        static void Same(string what, string expected, string actual)
        {
            check(what + " (" + actual + ")", 0, string.CompareOrdinal(expected, actual));
        }

        /// A service that gives one answer, and a store that answers between two ticks.
        sealed class World : ITransport, IStorage
        {
            internal readonly Dictionary<string, byte[]> Kept = new Dictionary<string, byte[]>();
            internal int Sent;
            readonly List<HttpRequest> open = new List<HttpRequest>();
            readonly List<Action> outcomes = new List<Action>();
            ulong now = 1;

            public bool Send(Client client, HttpRequest request)
            {
                open.Add(request);
                return true;
            }

            public void Cancel(Client client, ulong requestId)
            {
                open.RemoveAll(request => request.Id == requestId);
            }

            public bool Load(Client client, ulong requestId, string key)
            {
                outcomes.Add(() =>
                {
                    byte[] found;
                    client.Stored(requestId, true, Kept.TryGetValue(key, out found) ? found : null);
                });
                return true;
            }

            public bool Store(Client client, ulong requestId, string key, byte[] value)
            {
                True("something to store", value.Length > 0);
                outcomes.Add(() =>
                {
                    Kept[key] = value;
                    client.Stored(requestId, true);
                });
                return true;
            }

            public bool Delete(Client client, ulong requestId, string key)
            {
                outcomes.Add(() =>
                {
                    Kept.Remove(key);
                    client.Stored(requestId, true);
                });
                return true;
            }

            /// 40 frames from here, each request answered with that.
            internal void Frames(Client client, string body, ulong pause = 0)
            {
                now += pause;
                for (int frame = 0; frame < 40; frame++)
                {
                    now += 16;
                    client.Tick(now, now);
                    Action[] stored = outcomes.ToArray();
                    outcomes.Clear();
                    foreach (Action outcome in stored)
                    {
                        outcome();
                    }
                    HttpRequest[] asked = open.ToArray();
                    open.Clear();
                    foreach (HttpRequest request in asked)
                    {
                        Sent++;
                        client.Complete(request.Id, 200, new KeyValuePair<string, string>[0], Encoding.UTF8.GetBytes(body));
                    }
                }
                GC.Collect();
            }
        }

        /// The result of a task that must be done by now.
        static T Ended<T>(string what, Task<T> task)
        {
            bool ended = task.IsCompleted && !task.IsFaulted;
            True(what + " has ended well", ended);
            return ended ? task.Result : default(T);
        }

        /// How a call is refused at once.
        static int Refused(Action call)
        {
            try
            {
                call();
                return 0;
            }
            catch (PlayerlinkException refusal)
            {
                return refusal.Result;
            }
        }

        static string LoginOf(string player)
        {
            return "{\"access_token\":\"canary-" + player + "\",\"refresh_token\":\"canary-r\",\"token_type\":\"bearer\"," +
                "\"expires_in\":3600,\"active_player_uuid\":\"" + player + "\",\"person_id\":\"q-" + player + "\"," +
                "\"platform\":\"Steam\",\"portal_user_id\":\"s-" + player + "\",\"display_name\":\"Zoë\"}";
        }

        internal static void SeveralPlayersAreListedAndOneIsTakenUp(Action<string, long, long> checks)
        {
            check = checks;
            World world = new World();
            Client client = Client.RallyHere("demo", "game", "canary-secret", world, world);
            foreach (string player in new string[] { "player-1", "player-2" })
            {
                Task<Session> login = client.LoginSteam("canary-ticket", "Zoë");
                world.Frames(client, LoginOf(player));
                Same("signed in", player, Ended("a login", login).PlayerId);
            }
            client.Dispose();

            // As after a restart: another client over the same store.
            int sent = world.Sent;
            client = Client.RallyHere("demo", "game", "canary-secret", world, world);
            Task<Account[]> listing = client.Accounts();
            world.Frames(client, "{}");
            Account[] accounts = Ended("the list", listing);
            check("both are listed", 2, accounts.Length);
            Same("the active one first", "player-2", accounts[0].PlayerId);
            True("which is told", accounts[0].IsActive && !accounts[1].IsActive);
            Same("its platform", "Steam", accounts[1].Platform);
            Same("its name", "Zoë", accounts[1].DisplayName);

            Task<Session> restoring = client.RestoreAccount(accounts[1].AccountId);
            world.Frames(client, "{}");
            Session session = Ended("taking one up", restoring);
            True("signed in again", session.SignedIn);
            Same("as that one", "player-1", session.PlayerId);
            Same("with that one's token", "canary-player-1", client.AccessToken());
            Task<Session> nobody = client.RestoreAccount("nobody");
            world.Frames(client, "{}");
            True("there is no such account", Ended("asking for nobody", nobody) == null);
            check("no account", -1, Math.Sign(Refused(() => client.RestoreAccount(""))));
            client.Dispose();

            client = Client.RallyHere("demo", "game", "canary-secret", world, world);
            restoring = client.Restore();
            world.Frames(client, "{}");
            Same("the active one from then on", "player-1", Ended("restoring", restoring).PlayerId);
            check("their tokens are still good", sent, world.Sent);
            client.Dispose();

            world.Kept.Clear();
            client = Client.RallyHere("demo", "game", "canary-secret", world, world);
            restoring = client.Restore();
            listing = client.Accounts();
            world.Frames(client, "{}");
            True("nothing is stored", Ended("restoring nothing", restoring) == null);
            check("so nobody is listed", 0, Ended("the list of nobody", listing).Length);
            client.Dispose();
        }

        internal static void TheGamesServerSaysWhatBecameOfACode(Action<string, long, long> checks)
        {
            check = checks;
            foreach (bool linked in new bool[] { true, false })
            {
                World world = new World();
                Client client = Client.Xsolla(
                    "f6c5011a-715e-4e5e-b7b1-a4812d85b8c8", "57", "https://companion.example/callback", world, world);
                Task<Session> login = client.LoginPassword("nova", "canary-password");
                // {"alg":"HS256"}.{"sub":"user-7"}
                const string Tokens = "{\"access_token\":\"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1c2VyLTcifQ.AAAA\"," +
                    "\"token_type\":\"bearer\",\"refresh_token\":\"canary-r\",\"expires_in\":3600}";
                world.Frames(client, Tokens);
                Same("signed in", "user-7", Ended("a login", login).PlayerId);

                int state = (int)playerlink_result.PLAYERLINK_E_STATE;
                True("no code so far", client.Linking() == null);
                check("nothing to hide", state, Refused(() => client.Act(LinkingAct.Hidden)));
                check("nothing to link", state, Refused(() => client.PushLinked("xbox", "", "")));
                check("nothing to refuse", state, Refused(() => client.PushConflict("010-016")));

                Task<LinkingScreen> code = client.CreateLinkingCode();
                world.Frames(client, "{\"code\":\"123456\"}");
                Same("the code", "123456", Ended("asking for a code", code).Code);
                Same("for reading", "123 456", client.Linking().Grouped);
                client.Act(LinkingAct.Hidden);
                client.Act(LinkingAct.Conceal);
                world.Frames(client, Tokens);
                True("concealed", client.Linking().Concealed && client.Linking().Code.Length == 0);
                client.Act(LinkingAct.Visible);
                client.Act(LinkingAct.Reveal);
                world.Frames(client, Tokens);
                LinkingScreen before = client.Linking();
                check("shown again", (long)LinkingState.Active, (long)before.State);
                Same("the same code", "123456", before.Code);
                check("an act of no kind", (int)playerlink_result.PLAYERLINK_E_ARGUMENT,
                    Refused(() => client.Act(LinkingAct.Visible + 1)));

                int sent = world.Sent;
                if (linked)
                {
                    client.PushLinked("xbox", "2533274800000001", "Zoë on Xbox");
                }
                else
                {
                    client.PushConflict("010-016");
                }
                check("in the next tick", (long)LinkingState.Active, (long)client.Linking().State);
                world.Frames(client, Tokens, 3000);
                LinkingScreen after = client.Linking();
                True("changed", after.Revision > before.Revision);
                Same("the code has left the screen", "", after.Code);
                if (linked)
                {
                    check("linked", (long)LinkingState.Linked, (long)after.State);
                    Same("with what", "xbox", after.LinkedPlatform);
                    Same("with whom", "Zoë on Xbox", after.LinkedDisplayName);
                    True("the session is refreshed", world.Sent > sent);
                }
                else
                {
                    check("refused", (long)LinkingState.Failed, (long)after.State);
                    Same("why", "conflict", after.Kind);
                }
                client.Dispose();
            }
        }
    }
}
