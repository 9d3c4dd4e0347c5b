// Java's Tomcat as a peer of compressed sessions:
//     TomcatPeer tomcat server PORT OPTIONS | client URL OPTIONS MESSAGES
import jakarta.websocket.ClientEndpointConfig;
import jakarta.websocket.ContainerProvider;
import jakarta.websocket.Endpoint;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.Extension;
import jakarta.websocket.MessageHandler;
import jakarta.websocket.Session;
import jakarta.websocket.server.ServerApplicationConfig;
import jakarta.websocket.server.ServerEndpointConfig;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.websocket.server.WsSci;

public class TomcatPeer {
    public static void main(String[] args) throws Exception {
        if (args[1].equals("server")) serve(Integer.parseInt(args[2]));
        else talk(new URI(args[2] + "/"), Messages.read(Path.of(args[4])));
    }

    static void serve(int port) throws Exception {
        var tomcat = new Tomcat();
        tomcat.setBaseDir(Files.createTempDirectory("tomcat").toString());
        tomcat.setPort(port);
        tomcat.getConnector().setProperty("address", "127.0.0.1");
        var context = tomcat.addContext("", null);
        context.addServletContainerInitializer(new WsSci(), Set.of(Application.class));
        Tomcat.addServlet(context, "none", new org.apache.catalina.servlets.DefaultServlet());
        context.addServletMappingDecoded("/", "none");
        tomcat.start();
        System.out.println("listening");
        tomcat.getServer().await();
    }

    public static class Application implements ServerApplicationConfig {
        @Override
        public Set<ServerEndpointConfig> getEndpointConfigs(Set<Class<? extends Endpoint>> found) {
            return Set.of(ServerEndpointConfig.Builder.create(Echo.class, "/").build());
        }

        @Override
        public Set<Class<?>> getAnnotatedEndpointClasses(Set<Class<?>> found) {
            return Set.of();
        }
    }

    public static class Echo extends Endpoint {
        @Override
        public void onOpen(Session session, EndpointConfig config) {
            session.setMaxTextMessageBufferSize(64 << 20);
            session.setMaxBinaryMessageBufferSize(64 << 20);
            session.addMessageHandler(String.class, text -> send(session, text));
            session.addMessageHandler(ByteBuffer.class, bytes -> send(session, bytes));
        }
    }

    static void send(Session session, ByteBuffer bytes) {
        try {
            session.getBasicRemote().sendBinary(bytes);
        } catch (java.io.IOException error) {
            System.out.println("failed: " + error);
        }
    }

    static void send(Session session, String text) {
        try {
            session.getBasicRemote().sendText(text);
        } catch (java.io.IOException error) {
            System.out.println("failed: " + error);
        }
    }

    static void talk(URI url, Deque<String> left) throws Exception {
        var ended = new CountDownLatch(1);
        var client = new Endpoint() {
            @Override
            public void onOpen(Session session, EndpointConfig config) {
                session.addMessageHandler(String.class, new MessageHandler.Whole<String>() {
                    @Override
                    public void onMessage(String text) {
                        if (!text.equals(left.peek())) {
                            System.out.println("failed: another message came back");
                            System.exit(1);
                        }
                        left.remove();
                        next(session);
                    }
                });
                next(session);
            }

            void next(Session session) {
                if (!left.isEmpty()) {
                    send(session, left.peek());
                    return;
                }
                try {
                    session.close();
                } catch (java.io.IOException error) {
                    System.out.println("failed: " + error);
                }
                ended.countDown();
            }

            @Override
            public void onError(Session session, Throwable error) {
                System.out.println("failed: " + error);
            }
        };
        var deflate = new Extension() {
            @Override
            public String getName() {
                return "permessage-deflate";
            }

            @Override
            public List<Parameter> getParameters() {
                return List.of();
            }
        };
        var extensions = List.<Extension>of(deflate);
        var config = ClientEndpointConfig.Builder.create().extensions(extensions).build();
        ContainerProvider.getWebSocketContainer().connectToServer(client, config, url);
        var isOver = ended.await(8, TimeUnit.SECONDS);
        Thread.sleep(200); // for the Close of the other end
        System.out.println(isOver ? "ok" : "failed: too slow");
        System.exit(isOver ? 0 : 1);
    }
}
