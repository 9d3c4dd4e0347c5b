// Java's Jetty as a peer of compressed sessions:
//     JettyPeer jetty server PORT OPTIONS | client URL OPTIONS MESSAGES
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.api.WebSocketAdapter;
import org.eclipse.jetty.websocket.client.ClientUpgradeRequest;
import org.eclipse.jetty.websocket.client.WebSocketClient;
import org.eclipse.jetty.websocket.server.WebSocketHandler;
import org.eclipse.jetty.websocket.servlet.WebSocketServletFactory;

public class JettyPeer {
    public static void main(String[] args) throws Exception {
        System.setProperty("org.eclipse.jetty.util.log.class", "org.eclipse.jetty.util.log.StdErrLog");
        System.setProperty("org.eclipse.jetty.LEVEL", "OFF");
        if (args[1].equals("server")) serve(Integer.parseInt(args[2]));
        else talk(new URI(args[2] + "/"), Messages.read(Path.of(args[4])));
    }

    static void serve(int port) throws Exception {
        var server = new Server(new InetSocketAddress("127.0.0.1", port));
        server.setHandler(new WebSocketHandler() {
            @Override
            public void configure(WebSocketServletFactory factory) {
                factory.getPolicy().setMaxTextMessageSize(64 << 20);
                factory.getPolicy().setMaxBinaryMessageSize(64 << 20);
                factory.register(Echo.class);
            }
        });
        server.start();
        System.out.println("listening");
        server.join();
    }

    public static class Echo extends WebSocketAdapter {
        @Override
        public void onWebSocketText(String text) {
            getRemote().sendStringByFuture(text);
        }

        @Override
        public void onWebSocketBinary(byte[] bytes, int offset, int length) {
            getRemote().sendBytesByFuture(ByteBuffer.wrap(bytes, offset, length));
        }
    }

    static void talk(URI url, Deque<String> messages) throws Exception {
        var client = new WebSocketClient();
        client.start();
        var request = new ClientUpgradeRequest();
        request.addExtensions("permessage-deflate");
        var talking = new Client(messages);
        client.connect(talking, url, request);
        var isOver = talking.ended.await(8, TimeUnit.SECONDS) && messages.isEmpty();
        System.out.println(isOver ? "ok" : "failed: " + talking.why);
        System.exit(isOver ? 0 : 1);
    }

    public static class Client extends WebSocketAdapter {
        final Deque<String> left;
        final CountDownLatch ended = new CountDownLatch(1);
        String why = "too slow";

        Client(Deque<String> messages) {
            left = messages;
        }

        @Override
        public void onWebSocketConnect(Session session) {
            super.onWebSocketConnect(session);
            next();
        }

        void next() {
            if (left.isEmpty()) getSession().close(1000, null);
            else getRemote().sendStringByFuture(left.peek());
        }

        @Override
        public void onWebSocketText(String text) {
            if (!text.equals(left.peek())) {
                System.out.println("failed: another message came back");
                System.exit(1);
            }
            left.remove();
            next();
        }

        @Override
        public void onWebSocketClose(int code, String reason) {
            if (code != 1000) why = "closed with " + code;
            ended.countDown();
        }

        @Override
        public void onWebSocketError(Throwable error) {
            why = String.valueOf(error);
            ended.countDown();
        }
    }
}
