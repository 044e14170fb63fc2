/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transparency;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MerkleTreeTest {

    private static final int MOST = 70;

    private static List<TreeHash> leaves(int count) {
        return IntStream.range(0, count)
                .mapToObj(k -> TreeHash.leaf(("entry " + k).getBytes(StandardCharsets.UTF_8)))
                .toList();
    }

    /** RFC 9162, section 2.1.1, word for word. */
    private static TreeHash byDefinition(List<TreeHash> leaves) {
        if (leaves.isEmpty()) {
            return TreeHash.EMPTY;
        }
        if (leaves.size() == 1) {
            return leaves.get(0);
        }
        int k = 1;
        while (2 * k < leaves.size()) {
            k *= 2;
        }
        return TreeHash.node(byDefinition(leaves.subList(0, k)), byDefinition(leaves.subList(k, leaves.size())));
    }

    /** The roots of the well-known eight entries that the implementations of Certificate Transparency share. */
    @Test
    void theRootsOfCertificateTransparencysTestEntries() {
        String[] entries = {
            "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"
        };
        String[] roots = {
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
        };
        MerkleTree tree = new MerkleTree();
        assertEquals(
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                tree.root().hex());
        for (int i = 0; i < entries.length; i++) {
            tree.append(TreeHash.leaf(HexFormat.of().parseHex(entries[i])));
            assertEquals(roots[i], tree.root().hex());
        }
    }

    @Test
    void theRootOfEverySizeIsThatOfTheDefinition() {
        List<TreeHash> leaves = leaves(MOST);
        MerkleTree tree = MerkleTree.of(leaves);
        for (int n = 0; n <= MOST; n++) {
            assertEquals(byDefinition(leaves.subList(0, n)), tree.root(n));
        }
    }

    @Test
    void everyEntryIsInEveryTreeItIsInAndNowhereElse() {
        MerkleTree tree = MerkleTree.of(leaves(MOST));
        for (int n = 1; n <= MOST; n++) {
            for (int m = 0; m < n; m++) {
                List<TreeHash> path = tree.inclusionProof(m, n);
                assertTrue(MerkleProofs.includes(tree.leaf(m), m, n, path, tree.root(n)));
                for (int k = 0; k < path.size(); k++) {
                    List<TreeHash> wrong = new ArrayList<>(path);
                    wrong.set(k, TreeHash.leaf(new byte[] {7}));
                    assertFalse(MerkleProofs.includes(tree.leaf(m), m, n, wrong, tree.root(n)));
                    wrong.remove(k);
                    assertFalse(MerkleProofs.includes(tree.leaf(m), m, n, wrong, tree.root(n)));
                }
                assertFalse(MerkleProofs.includes(TreeHash.EMPTY, m, n, path, tree.root(n)));
                assertFalse(n > 1 && MerkleProofs.includes(tree.leaf(m), (m + 1) % n, n, path, tree.root(n)));
            }
        }
    }

    @Test
    void everyTreeContainsItsBeginningsAndNoOthers() {
        MerkleTree tree = MerkleTree.of(leaves(MOST));
        MerkleTree other = new MerkleTree();
        leaves(MOST).forEach(leaf -> other.append(TreeHash.node(leaf, leaf)));
        for (int n = 1; n <= MOST; n++) {
            for (int m = 1; m <= n; m++) {
                List<TreeHash> proof = tree.consistencyProof(m, n);
                assertTrue(MerkleProofs.consistent(m, tree.root(m), n, tree.root(n), proof));
                assertFalse(MerkleProofs.consistent(m, other.root(m), n, tree.root(n), proof));
                assertFalse(MerkleProofs.consistent(m, tree.root(m), n, other.root(n), proof));
                if (!proof.isEmpty()) {
                    List<TreeHash> shorter = proof.subList(0, proof.size() - 1);
                    assertFalse(MerkleProofs.consistent(m, tree.root(m), n, tree.root(n), shorter));
                }
            }
        }
    }
}
