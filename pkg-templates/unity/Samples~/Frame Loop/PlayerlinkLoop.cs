using System;
using System.Collections;
using System.Collections.Generic;
using System.Threading.Tasks;
using UnityEngine;
using UnityEngine.Networking;

namespace Playerlink.Samples
{
    /// <summary>Ticks a client once a frame and is its HTTP. Put it on an object that outlives scenes.</summary>
    public sealed class PlayerlinkLoop : MonoBehaviour, ITransport
    {
        public string Environment = "", ClientId = "", ClientSecret = "";

        private readonly Dictionary<ulong, UnityWebRequest> open = new Dictionary<ulong, UnityWebRequest>();
        private Client client;

        private void OnEnable()
        {
            client = Client.RallyHere(Environment, ClientId, ClientSecret, this);
        }

        private void Update()
        {
            // Of a clock that runs on in pauses and does not go back.
            ulong now = (ulong)(Time.realtimeSinceStartupAsDouble * 1000.0);
            client.Tick(now, (ulong)DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        }

        /// <summary>Also before scripts are reloaded: native code must not call what is gone.</summary>
        private void OnDisable()
        {
            client.Dispose();
        }

        public async void SignIn(string steamTicket, string displayName)
        {
            try
            {
                Session session = await client.LoginSteam(steamTicket, displayName);
                Debug.Log("signed in as " + session.DisplayName);
            }
            catch (PlayerlinkException error)
            {
                Debug.LogWarning("sign-in failed: " + error.Kind);
            }
        }

        bool ITransport.Send(Client from, HttpRequest request)
        {
            UnityWebRequest web = new UnityWebRequest(request.Url, request.Method);
            web.redirectLimit = 0;
            web.timeout = (int)(request.TimeoutMs / 1000) + 1;
            web.downloadHandler = new DownloadHandlerBuffer();
            if (request.Body.Length > 0)
            {
                web.uploadHandler = new UploadHandlerRaw(request.Body);
            }
            foreach (KeyValuePair<string, string> header in request.Headers)
            {
                web.SetRequestHeader(header.Key, header.Value);
            }
            open.Add(request.Id, web);
            StartCoroutine(Run(request.Id, web));
            return true;
        }

        void ITransport.Cancel(Client from, ulong requestId)
        {
            UnityWebRequest web;
            if (open.TryGetValue(requestId, out web))
            {
                open.Remove(requestId);
                web.Abort();
            }
        }

        private IEnumerator Run(ulong id, UnityWebRequest web)
        {
            yield return web.SendWebRequest();
            if (open.Remove(id))
            {
                List<KeyValuePair<string, string>> headers = new List<KeyValuePair<string, string>>();
                foreach (KeyValuePair<string, string> header in web.GetResponseHeaders() ?? new Dictionary<string, string>())
                {
                    headers.Add(header);
                }
                // 0: there was no answer.
                client.Complete(id, (uint)web.responseCode, headers.ToArray(), web.downloadHandler.data ?? new byte[0]);
            }
            web.Dispose();
        }
    }
}
