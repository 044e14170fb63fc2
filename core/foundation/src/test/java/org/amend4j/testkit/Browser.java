/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A real browser for pages: one headless Chromium for all tests of a process, spoken to by the DevTools protocol, as starting one takes
 * longer than everything that is asked of it.
 */
public final class Browser {

    private static final Path PROGRAM = Path.of("/usr/bin/chromium");

    /** Where pictures of pages stay. */
    public static final Path PICTURES = Path.of("target", "pages").toAbsolutePath();

    private static final Pattern ADDRESS = Pattern.compile("DevTools listening on (ws://\\S+)");
    private static final long PATIENCE = 60;
    private static final ObjectMapper JSON = new ObjectMapper();

    private static Optional<Browser> running = Optional.empty();

    private final Process process;
    private final WebSocket socket;
    private final BlockingQueue<JsonNode> messages;
    private int last;
    private String session = "";

    /**
     * How a page is.
     *
     * @param console what it said there, and what its own policy kept it from
     * @param widest how many pixels wide what it shows is
     */
    public record Seen(List<String> console, int widest) {}

    private Browser(Process process, WebSocket socket, BlockingQueue<JsonNode> messages) {
        this.process = process;
        this.socket = socket;
        this.messages = messages;
    }

    /** Whether there is one; in CI there must be. */
    public static boolean isThere() {
        boolean there = Files.isExecutable(PROGRAM);
        assertTrue(there || System.getenv("CI") == null, "CI must have " + PROGRAM + " (.ci/run installs it)");
        return there;
    }

    /**
     * A page must open on a desk and on a phone, light and dark, without a word on the console and no wider than the window. Pictures of
     * both stay.
     *
     * @param name of the pictures
     */
    public static void opens(URI page, String name) throws IOException {
        opens(page, name, 1000, false);
        opens(page, name + "-phone", 400, true);
    }

    private static void opens(URI page, String name, int width, boolean dark) throws IOException {
        Seen seen = the().look(page, PICTURES.resolve(name + ".png"), width, dark);
        assertEquals(List.of(), seen.console(), name);
        assertTrue(seen.widest() <= width, name + " is " + seen.widest() + " pixels wide in a window of " + width);
    }

    public static synchronized Browser the() throws IOException {
        if (running.isEmpty()) {
            Browser started = start();
            Runtime.getRuntime().addShutdownHook(new Thread(started.process::destroy));
            started.openTab();
            running = Optional.of(started);
        }
        return running.get();
    }

    private static Browser start() throws IOException {
        // of this process alone: Chromium leaves pages to the one that has the profile already
        Path own = Files.createDirectories(
                PICTURES.resolve("browser-" + ProcessHandle.current().pid()));
        Path said = own.resolve("said.txt");
        Process process = new ProcessBuilder(
                        PROGRAM.toString(),
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--hide-scrollbars",
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + own.resolve("profile"))
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        BlockingQueue<JsonNode> messages = new LinkedBlockingQueue<>();
        try {
            return new Browser(
                    process,
                    HttpClient.newHttpClient()
                            .newWebSocketBuilder()
                            .buildAsync(address(said), new Messages(messages))
                            .get(PATIENCE, TimeUnit.SECONDS),
                    messages);
        } catch (Exception failed) {
            process.destroyForcibly();
            throw new IOException("no word from " + PROGRAM + ": " + Files.readString(said), failed);
        }
    }

    /** The one for all pages, with a first page, so that the next ones need no other process. */
    private void openTab() throws IOException {
        List<String> ignored = new ArrayList<>();
        Path blank = Files.writeString(PICTURES.resolve("blank.html"), "<!DOCTYPE html><title>blank</title>");
        String target = answer(
                        "Target.createTarget", Map.of("url", blank.toUri().toString()), ignored)
                .path("targetId")
                .asText();
        session = answer("Target.attachToTarget", Map.of("targetId", target, "flatten", true), ignored)
                .path("sessionId")
                .asText();
        for (String part : List.of("Page", "Log", "Runtime")) {
            answer(part + ".enable", Map.of(), ignored);
        }
    }

    private static URI address(Path said) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE);
        while (System.nanoTime() < end) {
            Matcher found = ADDRESS.matcher(Files.readString(said, StandardCharsets.ISO_8859_1));
            if (found.find()) {
                return URI.create(found.group(1));
            }
            Thread.sleep(20);
        }
        throw new IOException("it does not listen");
    }

    /** Texts come in parts. */
    private static final class Messages implements WebSocket.Listener {

        private final BlockingQueue<JsonNode> whole;
        private final StringBuilder parts = new StringBuilder();

        Messages(BlockingQueue<JsonNode> whole) {
            this.whole = whole;
        }

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
            parts.append(part);
            if (last) {
                try {
                    whole.add(JSON.readTree(parts.toString()));
                } catch (IOException unreadable) {
                    throw new UncheckedIOException(unreadable);
                }
                parts.setLength(0);
            }
            socket.request(1);
            return null;
        }
    }

    /** Opens a page, and keeps a picture of all of it. */
    public synchronized Seen look(URI page, Path picture, int width, boolean dark) throws IOException {
        List<String> console = new ArrayList<>();
        answer(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", 1000, "deviceScaleFactor", 1, "mobile", false),
                new ArrayList<>());
        Map<String, String> scheme = Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light");
        answer("Emulation.setEmulatedMedia", Map.of("features", List.of(scheme)), new ArrayList<>());
        String address = page.toString();
        JsonNode begun = answer("Page.navigate", Map.of("url", address), console);
        assertEquals("", begun.path("errorText").asText(), address);
        waitFor(address, console);
        int widest = value("document.documentElement.scrollWidth", console).asInt();
        String png = answer("Page.captureScreenshot", Map.of("captureBeyondViewport", true), console)
                .path("data")
                .asText();
        Files.write(picture, Base64.getDecoder().decode(png));
        return new Seen(console, widest);
    }

    /** Until it is there as a whole. Events tell that, too, but one may be lost where the page comes with another process. */
    private void waitFor(String address, List<String> console) throws IOException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE);
        while (System.nanoTime() < end) {
            if (value("document.readyState + ' ' + location.href", console)
                    .asText()
                    .equals("complete " + address)) {
                return;
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
        throw new IOException(address + " does not open");
    }

    /** What an expression, or a promise, comes to on the page that was looked at last. */
    public synchronized JsonNode value(String expression) throws IOException {
        return value(expression, new ArrayList<>());
    }

    private JsonNode value(String expression, List<String> console) throws IOException {
        return answer(
                        "Runtime.evaluate",
                        Map.of("expression", expression, "awaitPromise", true, "returnByValue", true),
                        console)
                .at("/result/value");
    }

    /** What is told on the console until the answer comes is added there. */
    private JsonNode answer(String method, Map<String, ?> parameters, List<String> console) throws IOException {
        ObjectNode message = JSON.createObjectNode().put("id", ++last).put("method", method);
        message.set("params", JSON.valueToTree(parameters));
        if (!session.isEmpty()) {
            message.put("sessionId", session);
        }
        socket.sendText(message.toString(), true).join();
        try {
            while (true) {
                JsonNode heard = messages.poll(PATIENCE, TimeUnit.SECONDS);
                if (heard == null || heard.has("error")) {
                    throw new IOException(method + ": " + (heard == null ? "no answer" : heard.toString()));
                }
                told(heard).ifPresent(console::add);
                if (heard.path("id").asInt() == last) {
                    return heard.path("result");
                }
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IOException(stopped);
        }
    }

    private static Optional<String> told(JsonNode message) {
        return switch (message.path("method").asText()) {
            case "Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown" ->
                Optional.of(message.path("params").toString());
            default -> Optional.empty();
        };
    }
}
