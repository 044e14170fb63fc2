/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.files;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** Why a file operation failed, in words: Java's messages are often a file's name alone. */
public final class Reasons {

    private Reasons() {}

    /** Of the failure that is at the bottom of this one. */
    public static String of(IOException failure) {
        return failure.getCause() instanceof IOException deeper ? of(deeper) : words(failure);
    }

    private static String words(IOException failure) {
        if (failure instanceof CharacterCodingException) {
            return "it is not UTF-8 text";
        }
        String message = failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
        if (!(failure instanceof FileSystemException known)) {
            return message;
        }
        if (known instanceof NoSuchFileException) {
            return "there is no " + known.getFile();
        }
        if (known instanceof AccessDeniedException) {
            return "permission denied for " + known.getFile();
        }
        if (known instanceof FileAlreadyExistsException) {
            return known.getFile() + " is there already and no folder";
        }
        if (known instanceof DirectoryNotEmptyException) {
            return known.getFile() + " is not empty";
        }
        return message;
    }
}
