using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .hello)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const hello :Workerd.Worker = (
  modules = [(name = "hello", esModule = embed "workerd-worker.js")],
  compatibilityDate = "2026-11-01",
);
