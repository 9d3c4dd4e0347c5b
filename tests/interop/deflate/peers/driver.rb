# Ruby's websocket-driver as a peer of compressed sessions; Debian has no extension for it.
#     ruby driver.rb websocket-driver server PORT OPTIONS | client URL OPTIONS MESSAGES
require 'json'
require 'socket'
require 'uri'
require 'websocket/driver'

_, role, where, _, file = ARGV

Line = Struct.new(:socket, :url) do
  def write(data)
    socket.write(data)
  end
end

def read(socket, driver)
  while (data = socket.readpartial(65_536))
    driver.parse(data)
  end
rescue EOFError, IOError
  nil
end

if role == 'server'
  listener = TCPServer.new('127.0.0.1', where.to_i)
  puts 'listening'
  $stdout.flush
  loop do
    Thread.new(listener.accept) do |socket|
      driver = WebSocket::Driver.server(Line.new(socket, nil))
      driver.on(:connect) { driver.start }
      driver.on(:message) do |event|
        event.data.is_a?(String) ? driver.text(event.data) : driver.binary(event.data)
      end
      driver.on(:close) { socket.close }
      read(socket, driver)
    end
  end
else
  left = JSON.parse(File.read(file))
  address = URI(where)
  socket = TCPSocket.new(address.host, address.port)
  driver = WebSocket::Driver.client(Line.new(socket, where))
  result = 'failed: it ended'
  driver.on(:open) { driver.text(left[0]) }
  driver.on(:error) { |event| result = "failed: #{event.message}" }
  driver.on(:message) do |event|
    abort 'failed: another message came back' if event.data != left.shift
    left.empty? ? driver.close : driver.text(left[0])
  end
  driver.on(:close) do |event|
    result = 'ok' if event.code == 1000 && left.empty?
    socket.close
  end
  driver.start
  read(socket, driver)
  puts result
  exit(result == 'ok')
end
