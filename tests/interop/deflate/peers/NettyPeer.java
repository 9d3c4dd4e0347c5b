// Java's Netty as a peer of compressed sessions:
//     NettyPeer netty server PORT OPTIONS | client URL OPTIONS MESSAGES
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler.ClientHandshakeStateEvent;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import io.netty.handler.codec.http.websocketx.WebSocketVersion;
import io.netty.handler.codec.http.websocketx.extensions.compression.WebSocketClientCompressionHandler;
import io.netty.handler.codec.http.websocketx.extensions.compression.WebSocketServerCompressionHandler;
import java.net.URI;
import java.nio.file.Path;
import java.util.Deque;

public class NettyPeer {
    static final int MOST = 64 << 20;

    public static void main(String[] args) throws Exception {
        if (args[1].equals("server")) serve(Integer.parseInt(args[2]));
        else talk(new URI(args[2] + "/"), Messages.read(Path.of(args[4])));
    }

    static void serve(int port) throws Exception {
        var group = new NioEventLoopGroup();
        var bootstrap = new ServerBootstrap().group(group).channel(NioServerSocketChannel.class);
        bootstrap.childHandler(new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline().addLast(
                        new HttpServerCodec(),
                        new HttpObjectAggregator(MOST),
                        new WebSocketServerCompressionHandler(),
                        new WebSocketServerProtocolHandler("/", null, true, MOST, false, true),
                        new WebSocketFrameAggregator(MOST),
                        new Echo());
            }
        });
        bootstrap.bind("127.0.0.1", port).sync();
        System.out.println("listening");
    }

    static class Echo extends SimpleChannelInboundHandler<WebSocketFrame> {
        @Override
        protected void channelRead0(ChannelHandlerContext context, WebSocketFrame frame) {
            // Not the frame itself: with extensions, it may have reserved bits that mean nothing.
            var content = frame.content().retain();
            var isText = frame instanceof TextWebSocketFrame;
            context.writeAndFlush(isText ? new TextWebSocketFrame(content) : new BinaryWebSocketFrame(content));
        }
    }

    static void talk(URI url, Deque<String> messages) throws Exception {
        var group = new NioEventLoopGroup(1);
        var bootstrap = new Bootstrap().group(group).channel(NioSocketChannel.class);
        bootstrap.handler(new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline().addLast(
                        new HttpClientCodec(),
                        new HttpObjectAggregator(MOST),
                        WebSocketClientCompressionHandler.INSTANCE,
                        new WebSocketClientProtocolHandler(
                                url, WebSocketVersion.V13, null, true, new DefaultHttpHeaders(), MOST),
                        new WebSocketFrameAggregator(MOST),
                        new Client(messages));
            }
        });
        bootstrap.connect(url.getHost(), url.getPort()).sync().channel().closeFuture().sync();
        System.out.println(messages.isEmpty() ? "ok" : "failed: it ended");
        System.exit(messages.isEmpty() ? 0 : 1);
    }

    static class Client extends SimpleChannelInboundHandler<WebSocketFrame> {
        final Deque<String> left;

        Client(Deque<String> messages) {
            left = messages;
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event == ClientHandshakeStateEvent.HANDSHAKE_COMPLETE) next(context);
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, WebSocketFrame frame) {
            if (!(frame instanceof TextWebSocketFrame text)) return;
            if (!text.text().equals(left.peek())) {
                System.out.println("failed: another message came back");
                System.exit(1);
            }
            left.remove();
            next(context);
        }

        void next(ChannelHandlerContext context) {
            context.writeAndFlush(
                    left.isEmpty()
                            ? new CloseWebSocketFrame(1000, "")
                            : new TextWebSocketFrame(left.peek()));
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            System.out.println("failed: " + cause);
            System.exit(1);
        }
    }
}
