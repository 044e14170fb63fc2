/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.StringReader;
import java.util.Optional;
import javax.xml.parsers.DocumentBuilderFactory;
import org.amend4j.environment.EnvironmentSpec;
import org.amend4j.policy.Approximators;
import org.amend4j.policy.Categorical;
import org.amend4j.policy.ObservationEncoder;
import org.amend4j.policy.Policy;
import org.amend4j.policy.PolicyGraphs;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;

class CartPoleFilmTest {

    private static final long SEED = 3;

    private static Policy policy(int observations, int actions) {
        return new Policy(
                Approximators.of(PolicyGraphs.mlp(PolicyGraphs.Mlp.of(observations, actions), SEED)),
                new Categorical(actions),
                new ObservationEncoder.AsIs(observations));
    }

    private static Optional<String> film(String id, Policy policy) {
        return CartPoleFilm.of(policy, EnvironmentIds.spec(id), 0.99, SEED);
    }

    private static Document parsed(String svg) throws Exception {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(svg)));
    }

    @Test
    void cartAndPoleMoveThroughTheSamePictures() throws Exception {
        Document drawing = parsed(film("CartPole-v1", policy(4, 2)).orElseThrow());
        Element cart =
                (Element) drawing.getElementsByTagName("animateTransform").item(0);
        Element pole =
                (Element) drawing.getElementsByTagName("animateTransform").item(1);
        int pictures = cart.getAttribute("values").split(";").length;
        assertEquals(pictures, pole.getAttribute("values").split(";").length);
        double seconds = Double.parseDouble(cart.getAttribute("dur").replace("s", ""));
        assertTrue(Math.abs(seconds - 0.04 * pictures) <= 0.05, pictures + " pictures in " + seconds + " s");
        assertTrue(drawing.getDocumentElement().getTextContent().contains("return "));
    }

    @Test
    void aShorterPoleIsDrawnShorter() throws Exception {
        Document drawing =
                parsed(film("CartPole-v1?halfLength=0.1", policy(4, 2)).orElseThrow());
        Element pole = (Element) drawing.getElementsByTagName("line").item(1);
        assertEquals(-0.2, Double.parseDouble(pole.getAttribute("y2")));
    }

    @Test
    void whatCannotBeDrawnHasNoFilm() {
        EnvironmentSpec lake = EnvironmentIds.spec("FrozenLake-v1");
        assertEquals(Optional.empty(), CartPoleFilm.of(policy(16, 4), lake, 0.99, SEED));
    }
}
