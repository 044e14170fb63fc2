/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.page;

import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;
import org.w3c.dom.NamedNodeMap;
import org.w3c.dom.Node;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/** Pages as a strict reader sees them. */
final class Pages {

    private Pages() {}

    /** By the JDK's XML parser, which takes nothing that is not well-formed. */
    static Document parsed(String page) throws IOException {
        try {
            DocumentBuilder builder = DocumentBuilderFactory.newInstance().newDocumentBuilder();
            builder.setErrorHandler(null);
            return builder.parse(new InputSource(new StringReader(page)));
        } catch (ParserConfigurationException | SAXException malformed) {
            throw new IOException(malformed.getMessage() + " in " + page, malformed);
        }
    }

    /** All elements with their attributes' names, in order: the page without its text. */
    static List<String> structure(Document page) {
        List<String> elements = new ArrayList<>();
        add(page.getDocumentElement(), elements);
        return elements;
    }

    private static void add(Node node, List<String> elements) {
        if (node.getNodeType() == Node.ELEMENT_NODE) {
            StringBuilder element = new StringBuilder(node.getNodeName());
            NamedNodeMap attributes = node.getAttributes();
            for (int i = 0; i < attributes.getLength(); i++) {
                element.append(' ').append(attributes.item(i).getNodeName());
            }
            elements.add(element.toString());
        }
        for (Node child = node.getFirstChild(); child != null; child = child.getNextSibling()) {
            add(child, elements);
        }
    }
}
