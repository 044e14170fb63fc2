/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.amend4j.certificate.Exclusions;
import org.amend4j.html.Html;
import org.amend4j.verify.Check;
import org.amend4j.verify.VerificationReport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;

/** What a hostile issuer can do to the page, and what the page must not leave out. */
class CertificatePageTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String MARK = "MARK";
    private static final String HOSTILE =
            MARK + "</td></style><script>alert(\"1\")</script>'&amp;<img src=x onerror=y>\u202e\u0000]]>";

    @TempDir
    private Path folder;

    /** Of format 2, as far as members go; the numbers are made up. */
    private static ObjectNode certificate() throws IOException {
        ObjectNode file = (ObjectNode) JSON.readTree("""
                {"certificate":{"algorithm":{"name":"certified rewind","checkpoint":200,"redone":200,"steps":400},
                 "bound":{"delta":0.01,"rounding":1e-14},"build":{"java":"17"},
                 "commitments":{"objective":"c0ffee01","checkpoint":"c0ffee02","deleted":"c0ffee03","retained":"c0ffee04"},
                 "constants":{"diameter":{"evidence":"ENFORCED","reason":"kept in a ball","value":2.5},
                  "gradientBound":{"evidence":"PROVED","reason":"softmax on a ball","value":1.5},
                  "lipschitz":{"evidence":"ASSUMED","reason":"the user says so","value":0.75},
                  "rounding":{"evidence":"ESTIMATED"}},
                 "deletion":{"subjects":["5ub1","5ub2"],"records":8,"recordsBefore":400,"recordsEver":12},
                 "derived":["the normaliser is the number of records"],
                 "assumptions":["nobody chose deletions","persons are told apart by a column"],
                 "hashes":{"model":"aa","ledgerHead":"bb","ledgerSequence":7,"previous":"cc"},
                 "id":"release-1-0123","issued":"2026-01-01T00:00:00Z","level":"ASSUMED",
                 "noise":{"sigma":0.05,"dimension":8},
                 "privacy":{"budget":{"epsilon":1,"delta":1e-5},"mu":0.25,"deltaAtBudget":9e-6,"composedMu":0.375,
                  "points":[{"delta":1e-6,"epsilon":1.125}],"attackAuc":0.5625,"attackAdvantage":0.0625},
                 "release":{"files":[{"name":"model.zip","size":99,"sha256":"dd"}]},
                 "retention":{"destroyedKeys":["k"],"keptCheckpoints":[0,100],"keptContaminated":[100]},
                 "title":"2 subjects forgotten","verdict":"CERTIFIED"},"publicKey":"KEY=","signature":"SIGN"}
                """);
        ((ObjectNode) file.get("certificate")).set("exclusions", JSON.valueToTree(Exclusions.ALL));
        return file;
    }

    private Path written(JsonNode file) throws IOException {
        return Files.writeString(folder.resolve("certificate.json"), file.toString());
    }

    private String page(JsonNode file) throws IOException {
        return CertificatePage.unchecked(written(file));
    }

    private static List<String> leaves(JsonNode node, String at) {
        if (!node.isContainerNode()) {
            return List.of(at);
        }
        List<String> leaves = new ArrayList<>();
        if (node.isObject()) {
            node.properties().forEach(member -> leaves.addAll(leaves(member.getValue(), at + "/" + member.getKey())));
        } else {
            for (int i = 0; i < node.size(); i++) {
                leaves.addAll(leaves(node.get(i), at + "/" + i));
            }
        }
        return leaves;
    }

    private static void replace(JsonNode file, String pointer, String text) {
        int last = pointer.lastIndexOf('/');
        JsonNode parent = file.at(pointer.substring(0, last));
        if (parent instanceof ArrayNode array) {
            array.set(Integer.parseInt(pointer.substring(last + 1)), TextNode.valueOf(text));
        } else {
            ((ObjectNode) parent).put(pointer.substring(last + 1), text);
        }
    }

    /** One leaf at a time, numbers and names of a closed set among them. */
    @Test
    void everyValueThatIsShownStaysText() throws IOException {
        Set<String> known = new TreeSet<>(Pages.structure(Pages.parsed(page(certificate()))));
        int shown = 0;
        List<String> leaves = leaves(certificate(), "");
        for (String leaf : leaves) {
            ObjectNode file = certificate();
            replace(file, leaf, HOSTILE);
            String page = page(file);
            Document parsed = Pages.parsed(page);
            Set<String> structure = new TreeSet<>(Pages.structure(parsed));
            structure.removeAll(known);
            assertEquals(Set.of(), structure, leaf);
            if (page.contains(MARK)) {
                shown++;
                String text = parsed.getDocumentElement().getTextContent();
                assertTrue(text.contains(HOSTILE.replace("\u202e\u0000", "\\u{202E}\\u{0}")), leaf);
            }
        }
        // not shown: the signature, four commitments, four kinds of evidence, a destroyed key
        assertEquals(leaves.size() - 10, shown);
    }

    @Test
    void namesOfMembersStayText() throws IOException {
        ObjectNode file = certificate();
        ((ObjectNode) file.at("/certificate")).set("build", JSON.valueToTree(Map.of(HOSTILE, HOSTILE)));
        assertEquals(Pages.structure(Pages.parsed(page(certificate()))), Pages.structure(Pages.parsed(page(file))));
    }

    @Test
    void everyAssumptionExclusionLevelAndPseudonymIsThere() throws IOException {
        String text = Pages.parsed(page(certificate())).getDocumentElement().getTextContent();
        List<String> wanted = new ArrayList<>(Exclusions.ALL);
        wanted.addAll(List.of("nobody chose deletions", "persons are told apart by a column"));
        wanted.addAll(List.of("the normaliser is the number of records", "5ub1", "5ub2", "2 subjects forgotten"));
        wanted.addAll(List.of("PROVED", "ENFORCED", "ASSUMED", "ESTIMATED"));
        wanted.addAll(List.of("softmax on a ball", "kept in a ball", "the user says so", "1.0E-14"));
        wanted.addAll(List.of("0.25", "0.375", "1.125", "0.5625", "0.0625", "--public-key"));
        wanted.forEach(word -> assertTrue(text.contains(word), word));
        assertTrue(text.indexOf("softmax on a ball") < text.indexOf("kept in a ball"), "the strongest evidence first");
    }

    @Test
    void aPageNeedsNothingFromElsewhereAndShowsNoCommitment() throws IOException {
        String page = page(certificate());
        for (String outside : List.of("://", "src=", "href=", "url(", "@import", "<script", "c0ffee")) {
            assertFalse(page.contains(outside), outside);
        }
        assertTrue(page.contains("default-src &#39;none&#39;"), page);
    }

    @Test
    void theFirstThingOnThePageIsTheWorstThatTheVerifierSays() throws IOException {
        Path file = written(certificate());
        Check passed = new Check("issuer", Check.Outcome.PASSED, "known");
        Check open = new Check("ledger", Check.Outcome.NOT_CHECKED, HOSTILE);
        Check failed = new Check("bound", Check.Outcome.FAILED, HOSTILE);
        VerificationReport valid = new VerificationReport(file, List.of(passed, open));
        assertEquals("VALID", worth(List.of(valid)));
        assertEquals("UNAUTHENTICATED", worth(List.of(valid, new VerificationReport(file, List.of(open)))));
        assertEquals("NOT VALID", worth(List.of(new VerificationReport(file, List.of(passed, failed)), valid)));
        assertEquals("NOT CHECKED", first(CertificatePage.unchecked(file)));
    }

    private static String worth(List<VerificationReport> reports) throws IOException {
        return first(CertificatePage.verified(reports));
    }

    private static String first(String page) throws IOException {
        Document parsed = Pages.parsed(page);
        String worth = parsed.getElementsByTagName("strong").item(0).getTextContent();
        assertTrue(parsed.getElementsByTagName("title").item(0).getTextContent().startsWith(worth + ": "));
        return worth;
    }

    @Test
    void whatIsNoCertificateHasAPageThatSaysSo() throws IOException {
        for (String content :
                List.of("", "[", "null", "{}", "{\"certificate\":3}", "[".repeat(5000), "{\"certificate\":{}}")) {
            Path file = Files.writeString(folder.resolve("odd.json"), content);
            Check failed = new Check("form", Check.Outcome.FAILED, "it is none");
            assertEquals("NOT VALID", worth(List.of(new VerificationReport(file, List.of(failed)))), content);
        }
    }

    @Test
    void anUnfinishedDocumentIsNoticed() {
        assertThrows(IllegalStateException.class, () -> Html.page().open("html").markup());
    }
}
