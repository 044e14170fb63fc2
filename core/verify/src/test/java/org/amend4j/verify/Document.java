/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.amend4j.certificate.Certificate;
import org.amend4j.internal.json.Jcs;
import org.amend4j.verify.CanonicalJson.Style;

/**
 * A certificate that tests change before it is read, without a disk and without a signature. Edits are like
 * {@code bound.delta=0.5 && noise.units=*2 && derived=}: a value in JSON, a factor, or nothing, which removes the member.
 *
 * @param certificate the object
 * @param style how it is written
 */
record Document(ObjectNode certificate, Style style) {

    /** Planning noise takes most of the time that a test takes. */
    private static final Map<String, String> TEXTS = new ConcurrentHashMap<>();

    static Document of(Certifiable scenario) {
        String text = TEXTS.computeIfAbsent(scenario.name(), name -> Jcs.text(scenario.certificate(Scenario.ZEROS, 0)));
        return new Document((ObjectNode) tree(text), Style.JCS);
    }

    static Document of(Certificate certificate) {
        return new Document((ObjectNode) tree(Jcs.text(certificate)), Style.JCS);
    }

    /** The same claims as format 1 wrote them. */
    static Document format1(Certificate certificate) {
        ObjectNode first = Forger.MAPPER.valueToTree(certificate);
        first.put("version", 1).remove(List.of("commitments", "release", "derived"));
        ((ObjectNode) first.get("algorithm"))
                .put("batches", "all records at every step")
                .put("stepSizes", "constant")
                .remove("earlier");
        ((ObjectNode) first.get("deletion"))
                .put("recordsDigest", new Ids(new long[] {0, 1, 2, 3, 4}).digest())
                .put("retainedDigest", new Ids(new long[] {7, 8}).digest());
        ((ObjectNode) first.get("hashes")).put("objective", "a".repeat(64)).put("checkpoint", "b".repeat(64));
        return new Document(first, Style.CERTIFICATE);
    }

    private static JsonNode tree(String json) {
        try {
            return Forger.MAPPER.readTree(json);
        } catch (IOException e) {
            throw new UncheckedIOException(json, e);
        }
    }

    Document with(String edits) {
        ObjectNode changed = certificate.deepCopy();
        for (String edit : edits.split("\\s*&&\\s*", -1)) {
            int equals = edit.indexOf('=');
            String path = edit.substring(0, equals).strip();
            String value = edit.substring(equals + 1).strip();
            if (value.isEmpty()) {
                remove(changed, path);
            } else if (value.startsWith("*")) {
                double before = Forger.get(changed, path).doubleValue();
                Forger.set(changed, path, DoubleNode.valueOf(before * Double.parseDouble(value.substring(1))));
            } else {
                Forger.set(changed, path, tree(value));
            }
        }
        return new Document(changed, style);
    }

    Document with(String path, double value) {
        ObjectNode changed = certificate.deepCopy();
        Forger.set(changed, path, DoubleNode.valueOf(value));
        return new Document(changed, style);
    }

    private static void remove(ObjectNode root, String path) {
        int dot = path.lastIndexOf('.');
        JsonNode parent = dot < 0 ? root : Forger.get(root, path.substring(0, dot));
        String last = path.substring(dot + 1);
        if (parent instanceof ArrayNode array) {
            array.remove(Integer.parseInt(last));
        } else {
            ((ObjectNode) parent).remove(last);
        }
    }

    String text() {
        return style == Style.JCS ? Jcs.text(certificate) : sorted(certificate);
    }

    /** As Jackson writes it, names ascending. */
    private static String sorted(JsonNode node) {
        if (node.isObject()) {
            Map<String, String> members = new TreeMap<>();
            node.properties().forEach(member -> members.put(member.getKey(), sorted(member.getValue())));
            return members.entrySet().stream()
                    .map(member -> TextNode.valueOf(member.getKey()) + ":" + member.getValue())
                    .collect(Collectors.joining(",", "{", "}"));
        }
        return node.isArray()
                ? StreamSupport.stream(node.spliterator(), false)
                        .map(Document::sorted)
                        .collect(Collectors.joining(",", "[", "]"))
                : node.toString();
    }

    /** What it claims. */
    Claims claims() throws RejectedException {
        return Claims.read(new Fields("", CanonicalJson.object(text(), style), style));
    }

    /** What it claims, where it must be readable. */
    Claims read() {
        try {
            return claims();
        } catch (RejectedException e) {
            throw new AssertionError(e.sentence(), e);
        }
    }

    /** As if it had been read from a file with this hash. */
    SignedCertificate signed(String sha256) {
        return new SignedCertificate(read(), text(), "key", "signature", sha256);
    }

    /** The one line of a file; nobody signed it. */
    String line() {
        return "{\"certificate\":" + text() + ",\"publicKey\":\"key\",\"signature\":\"none\"}\n";
    }

    static Check named(String name, List<Check> checks) {
        return checks.stream()
                .filter(check -> check.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no check " + name + " in " + checks));
    }
}
