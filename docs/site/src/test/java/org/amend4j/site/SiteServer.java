/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.site;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** The site on a port of this machine, as any web server gives it out, and pages of a test's own beside it. */
final class SiteServer implements AutoCloseable {

    /** What browsers insist on. */
    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "js", "text/javascript",
            "css", "text/css",
            "svg", "image/svg+xml",
            "png", "image/png",
            "woff2", "font/woff2");

    private final HttpServer server;
    private final Path folder;
    private final Map<String, String> more;

    private SiteServer(Path folder, Map<String, String> more) throws IOException {
        this.folder = folder;
        this.more = more;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    /** @param more pages that are not in the folder, by address such as {@code /test.html} */
    static SiteServer of(Path folder, Map<String, String> more) throws IOException {
        return new SiteServer(folder, Map.copyOf(more));
    }

    String address(String page) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + page;
    }

    private Optional<byte[]> content(String path) throws IOException {
        if (more.containsKey(path)) {
            return Optional.of(more.get(path).getBytes(StandardCharsets.UTF_8));
        }
        Path file = folder.resolve(path.substring(1));
        return Files.isRegularFile(file) ? Optional.of(Files.readAllBytes(file)) : Optional.empty();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            String ending = path.substring(path.lastIndexOf('.') + 1);
            exchange.getResponseHeaders().set("Content-Type", TYPES.getOrDefault(ending, "application/octet-stream"));
            Optional<byte[]> content = content(path);
            if (content.isPresent()) {
                exchange.sendResponseHeaders(200, content.get().length);
                exchange.getResponseBody().write(content.get());
            } else {
                exchange.sendResponseHeaders(404, -1);
            }
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
