using System;
using System.Threading.Tasks;

namespace Playerlink
{
    /// <summary>Where a linking code on the screen stands.</summary>
    public enum LinkingState : uint
    {
        Idle = Native.PLAYERLINK_LINKING_IDLE,
        Requesting = Native.PLAYERLINK_LINKING_REQUESTING,
        Active = Native.PLAYERLINK_LINKING_ACTIVE,
        Expiring = Native.PLAYERLINK_LINKING_EXPIRING,
        Renewing = Native.PLAYERLINK_LINKING_RENEWING,
        Expired = Native.PLAYERLINK_LINKING_EXPIRED,
        Limited = Native.PLAYERLINK_LINKING_LIMITED,
        Checking = Native.PLAYERLINK_LINKING_CHECKING,
        Linked = Native.PLAYERLINK_LINKING_LINKED,
        Failed = Native.PLAYERLINK_LINKING_FAILED,
        Cancelled = Native.PLAYERLINK_LINKING_CANCELLED,
    }

    /// <summary>What the player does with a linking code on the screen.</summary>
    public enum LinkingAct : uint
    {
        NewCode = Native.PLAYERLINK_LINKING_ACT_NEW_CODE,
        Keep = Native.PLAYERLINK_LINKING_ACT_KEEP,
        Cancel = Native.PLAYERLINK_LINKING_ACT_CANCEL,
        Conceal = Native.PLAYERLINK_LINKING_ACT_CONCEAL,
        Reveal = Native.PLAYERLINK_LINKING_ACT_REVEAL,
        Finished = Native.PLAYERLINK_LINKING_ACT_FINISHED,
        /// <summary>Nobody looks at the code: it is not renewed meanwhile.</summary>
        Hidden = Native.PLAYERLINK_LINKING_ACT_HIDDEN,
        /// <summary>Somebody looks again.</summary>
        Visible = Native.PLAYERLINK_LINKING_ACT_VISIBLE,
    }

    /// <summary>A linking code on the screen, as it was when it was asked for.</summary>
    public sealed class LinkingScreen
    {
        public LinkingState State;
        /// <summary>Grows with each change: draw again.</summary>
        public ulong Revision;
        /// <summary>What is left; 0: nobody tells a lifetime.</summary>
        public ulong ExpiresInMs;
        public bool Concealed;
        /// <summary>What went wrong, e.g. <c>conflict</c>; of <c>Failed</c> and <c>Limited</c>.</summary>
        public string Kind;
        public uint RetryAfterMs;
        /// <summary>Secrets: for the player's eyes. Empty without a code and while it is concealed.</summary>
        public string Code, Grouped, Spelled;
        public string LinkedPlatform, LinkedDisplayName;
    }

    // Linking codes: shown to a player who is signed in to the main account.
    public sealed unsafe partial class Client
    {
        /// <summary>
        /// An Xsolla client, with the public OAuth 2.0 client of a Login project. Throws what is wrong with the set-up.
        /// Without a storage, sessions end with the game.
        /// </summary>
        public static Client Xsolla(
            string projectId, string clientId, string redirectUri, ITransport transport, IStorage storage = null)
        {
            playerlink_client_options options = new playerlink_client_options();
            options.service = Native.PLAYERLINK_SERVICE_XSOLLA;
            using (Texts texts = new Texts())
            {
                options.project_id = texts.Of(projectId);
                options.client_id = texts.Of(clientId);
                options.redirect_uri = texts.Of(redirectUri);
                return Create(options, transport, storage);
            }
        }

        /// <summary>Signs in with what the player types. Fails with a <see cref="PlayerlinkException"/>.</summary>
        public Task<Session> LoginPassword(string userName, string password)
        {
            using (Texts texts = new Texts())
            {
                playerlink_credential credential = new playerlink_credential();
                credential.struct_size = (uint)sizeof(playerlink_credential);
                credential.kind = Native.PLAYERLINK_CREDENTIAL_PASSWORD;
                credential.user_id = texts.Of(userName);
                credential.token = texts.Of(password);
                IntPtr box;
                Task<Session> task = Begin<Session>(ReadSession, out box);
                return Started(Native.playerlink_login(handle, &credential, done, (void*)box, null), box, task);
            }
        }

        /// <summary>Asks for a linking code and shows it: from then on <see cref="Linking"/> has it. Xsolla.</summary>
        public Task<LinkingScreen> CreateLinkingCode()
        {
            IntPtr box;
            Task<LinkingScreen> task = Begin<LinkingScreen>(ReadLinking, out box);
            return Started(Native.playerlink_linking_code_create(handle, null, done, (void*)box, null), box, task);
        }

        /// <summary>The linking code on the screen as it is now. Null: there is none.</summary>
        public LinkingScreen Linking()
        {
            playerlink_linking_snapshot raw = new playerlink_linking_snapshot();
            raw.struct_size = (uint)sizeof(playerlink_linking_snapshot);
            UIntPtr size = UIntPtr.Zero;
            playerlink_result result = Native.playerlink_linking_get(handle, &raw, null, &size);
            // It may grow between the two calls.
            for (int attempt = 0; result == playerlink_result.PLAYERLINK_E_BUFFER && attempt < 4; attempt++)
            {
                byte[] buffer = new byte[(int)size];
                fixed (byte* first = buffer)
                {
                    result = Native.playerlink_linking_get(handle, &raw, first, &size);
                    LinkingScreen screen = result < 0 ? null : Screen(&raw);
                    Array.Clear(buffer, 0, buffer.Length);
                    if (screen != null)
                    {
                        return screen;
                    }
                }
            }
            return null;
        }

        /// <summary>What the player does with the code on the screen, done in the next tick. Throws when there is none.</summary>
        public void Act(LinkingAct act)
        {
            Demand(Native.playerlink_linking_act(handle, (uint)act));
        }

        /// <summary>
        /// The game's own server says that the code on the screen was used: it leaves the screen in the next tick, and the
        /// session is refreshed. The texts may be empty. Throws when there is no code.
        /// </summary>
        public void PushLinked(string platform, string platformUserId, string displayName)
        {
            Push("", platform, platformUserId, displayName);
        }

        /// <summary>
        /// The game's own server says why the code on the screen could not be used: the service's code (<c>003-061</c>), or a
        /// word such as <c>already-linked</c>. Throws when there is no code.
        /// </summary>
        public void PushConflict(string conflict)
        {
            if (string.IsNullOrEmpty(conflict))
            {
                throw new ArgumentException("without a conflict it would be a link", "conflict");
            }
            Push(conflict, "", "", "");
        }

        private void Push(string conflict, string platform, string platformUserId, string displayName)
        {
            using (Texts texts = new Texts())
            {
                playerlink_linking_news news = new playerlink_linking_news();
                news.struct_size = (uint)sizeof(playerlink_linking_news);
                news.conflict = texts.Of(conflict);
                news.platform = texts.Of(platform);
                news.platform_user_id = texts.Of(platformUserId);
                news.display_name = texts.Of(displayName);
                Demand(Native.playerlink_linking_push(handle, &news));
            }
        }

        private void Demand(playerlink_result result)
        {
            if (result < 0)
            {
                throw Failure(result, handle);
            }
        }

        private static LinkingScreen ReadLinking(playerlink_completion* completion)
        {
            return completion->linking == null ? null : Screen(completion->linking);
        }

        private static LinkingScreen Screen(playerlink_linking_snapshot* raw)
        {
            LinkingScreen screen = new LinkingScreen();
            screen.State = (LinkingState)raw->state;
            screen.Revision = raw->revision;
            screen.ExpiresInMs = raw->expires_in_ms;
            screen.Concealed = (raw->flags & Native.PLAYERLINK_LINKING_CONCEALED) != 0;
            screen.Kind = raw->result < 0 ? Name(raw->result) : "";
            screen.RetryAfterMs = raw->retry_after_ms;
            screen.Code = Texts.Read(raw->code);
            screen.Grouped = Texts.Read(raw->grouped);
            screen.Spelled = Texts.Read(raw->spelled);
            screen.LinkedPlatform = Texts.Read(raw->linked_platform);
            screen.LinkedDisplayName = Texts.Read(raw->linked_display_name);
            return screen;
        }
    }
}
