// A stand-in of the few types of Unity that the package's sample uses, so that a compiler without Unity reads it. Nothing here
// does anything.
using System;
using System.Collections;
using System.Collections.Generic;

namespace UnityEngine
{
    public class Coroutine { }

    public class AsyncOperation { }

    public class MonoBehaviour
    {
        public Coroutine StartCoroutine(IEnumerator routine) { return null; }
    }

    public static class Time
    {
        public static double realtimeSinceStartupAsDouble { get { return 0; } }
    }

    public static class Debug
    {
        public static void Log(object message) { }
        public static void LogWarning(object message) { }
    }
}

namespace UnityEngine.Networking
{
    public class UnityWebRequestAsyncOperation : AsyncOperation { }

    public class DownloadHandler
    {
        public byte[] data { get { return null; } }
    }

    public sealed class DownloadHandlerBuffer : DownloadHandler { }

    public class UploadHandler { }

    public sealed class UploadHandlerRaw : UploadHandler
    {
        public UploadHandlerRaw(byte[] data) { }
    }

    public class UnityWebRequest : IDisposable
    {
        public UnityWebRequest(string url, string method) { }
        public int redirectLimit { get; set; }
        public int timeout { get; set; }
        public DownloadHandler downloadHandler { get; set; }
        public UploadHandler uploadHandler { get; set; }
        public long responseCode { get { return 0; } }
        public void SetRequestHeader(string name, string value) { }
        public Dictionary<string, string> GetResponseHeaders() { return null; }
        public UnityWebRequestAsyncOperation SendWebRequest() { return null; }
        public void Abort() { }
        public void Dispose() { }
    }
}
