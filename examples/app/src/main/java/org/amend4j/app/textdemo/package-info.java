/* SPDX-License-Identifier: Apache-2.0 */
/** {@code ./amend4j text demo}: a sentence encoder learns the categories of the Brown corpus, a small language model another author. */
@org.jspecify.annotations.NullMarked
package org.amend4j.app.textdemo;
