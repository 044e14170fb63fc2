/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.portable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/**
 * What JUnit's console wrote about a run.
 *
 * @param tests how many ran or were skipped
 * @param failures "class#test: message" each
 * @param skipped how many
 * @param reasons for skipping, each once
 */
record TestReport(int tests, List<String> failures, int skipped, List<String> reasons) {

    private static final int LONGEST_MESSAGE = 500;

    /** Reads the XML files of a folder; without any, no test ran. */
    static TestReport of(Path folder) throws IOException {
        int tests = 0;
        int skipped = 0;
        List<String> failures = new ArrayList<>();
        Set<String> reasons = new LinkedHashSet<>();
        for (Path file : reports(folder)) {
            NodeList cases = parsed(file).getElementsByTagName("testcase");
            for (int i = 0; i < cases.getLength(); i++) {
                Element test = (Element) cases.item(i);
                tests++;
                for (String kind : List.of("failure", "error")) {
                    messages(test, kind).forEach(message -> failures.add(name(test) + ": " + message));
                }
                List<String> why = messages(test, "skipped");
                skipped += why.isEmpty() ? 0 : 1;
                reasons.addAll(why);
            }
        }
        return new TestReport(tests, failures, skipped, List.copyOf(reasons));
    }

    private static List<Path> reports(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".xml"))
                    .sorted()
                    .toList();
        }
    }

    private static Document parsed(Path file) throws IOException {
        try {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
            factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
            return factory.newDocumentBuilder().parse(file.toFile());
        } catch (ParserConfigurationException | SAXException damaged) {
            throw new IOException("cannot read " + file + ": " + damaged.getMessage(), damaged);
        }
    }

    private static String name(Element test) {
        return test.getAttribute("classname") + "#" + test.getAttribute("name");
    }

    private static List<String> messages(Element test, String kind) {
        NodeList all = test.getElementsByTagName(kind);
        List<String> messages = new ArrayList<>();
        for (int i = 0; i < all.getLength(); i++) {
            Element one = (Element) all.item(i);
            String message = one.hasAttribute("message") ? one.getAttribute("message") : one.getTextContent();
            String line = message.strip().lines().findFirst().orElse("no message");
            messages.add(line.substring(0, Math.min(line.length(), LONGEST_MESSAGE)));
        }
        return messages;
    }

    int succeeded() {
        return tests - failures.size() - skipped;
    }

    /** For JSON. */
    record Facts(
            int tests, int succeeded, int failed, int skipped, List<String> failures, List<String> skippedBecause) {}

    Facts facts() {
        return new Facts(tests, succeeded(), failures.size(), skipped, failures, reasons);
    }
}
