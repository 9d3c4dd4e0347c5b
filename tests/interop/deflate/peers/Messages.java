// The messages of a file, a text on each line.
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;

class Messages {
    static Deque<String> read(Path file) throws Exception {
        return new ArrayDeque<>(Files.readAllLines(file));
    }
}
