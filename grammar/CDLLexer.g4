// The words of CDL. Four modes: the file and the properties of a block (the default), the nodes that a
// declaration names (SELECTOR), the inside of brackets (LIST), where a new line means nothing, and the files
// behind `import` (FILES). Comments go to the hidden channel: only the formatter reads them.
lexer grammar CDLLexer;

DECLARE    : ('constraint' | 'profile' | 'selection') -> mode(SELECTOR) ;
IMPORT     : 'import' -> mode(FILES) ;
// A declaration's word where a property should stand: one mistake, and no declaration begins.
MISTAKEN   : ('profile' | 'selection' | 'import') [ \t]* ':' -> type(JUNK) ;
OVER       : 'over' ;
SAMPLES    : 'samples' ;
HOLD       : 'hold' ;
BASELINE   : 'baseline' ;
WORD       : LETTER FOLLOW* ('.' [0-9] FOLLOW*)? ('-' FOLLOW+)* ;
CLOCK      : [0-9] [0-9]? ':' [0-9] [0-9] ;
NUMBER     : [+-]? ([0-9] [0-9_]* ('.' [0-9]*)? | '.' [0-9]+) ([eE] [+-]? [0-9]+)? ;
COMPARATOR : [<>=!]+ ;
PERCENT    : '%' ;
RATE       : '/' [A-Za-z]+ ;
COLON      : ':' ;
SEPARATOR  : [,;\n] ;
LBRACE     : '{' ;
RBRACE     : '}' ;
LBRACK     : '[' -> pushMode(LIST) ;
RBRACK     : ']' ;
COMMENT    : ('#' | '//') ~[\n]* -> channel(HIDDEN) ;
SPACE      : [ \t\r\f]+ -> skip ;
JUNK       : . ;

fragment LETTER : [A-Za-z_\u00AA\u00B5\u00C0-\u1FFF\u2C00-\uD7FF\uF900-\uFFDC] ;
fragment FOLLOW : LETTER | [0-9] ;

mode SELECTOR;

SELECTOR_DECLARE    : 'constraint' -> type(DECLARE) ;
SELECTOR_LBRACE     : '{' -> type(LBRACE), mode(DEFAULT_MODE) ;
SELECTOR_RBRACE     : '}' -> type(RBRACE), mode(DEFAULT_MODE) ;
COMMA               : ',' ;
// A '#' starts a comment, except before a digit: 'shop:f#2' is the second definition of f.
PATTERN             : PATTERN_START (PATTERN_CHAR | '#' [0-9] | '/' PATTERN_CHAR)* ;
SELECTOR_COMMENT    : ('#' | '//') ~[\n]* -> type(COMMENT), channel(HIDDEN) ;
SELECTOR_SPACE      : [ \t\r\f\n]+ -> skip ;
SELECTOR_JUNK       : . -> type(JUNK) ;

fragment PATTERN_START : ~[ \t\r\f\n{}#,;/] ;
fragment PATTERN_CHAR  : ~[ \t\r\f\n{}#,;/] ;

mode LIST;

LIST_DECLARE    : 'constraint' -> type(DECLARE), mode(SELECTOR) ;
LIST_RBRACE     : '}' -> type(RBRACE), mode(DEFAULT_MODE) ;
LIST_LBRACE     : '{' -> type(LBRACE) ;
LIST_LBRACK     : '[' -> type(LBRACK), pushMode(LIST) ;
LIST_RBRACK     : ']' -> type(RBRACK), popMode ;
LIST_COMMA      : ',' -> type(COMMA) ;
LIST_COLON      : ':' -> type(COLON) ;
// Functions, templates, exceptions, and what names nodes: !shop.**:Cart.*, @checkout, app:f#2/loop[0].
NAME            : [!@]* BIT+ ([.:-] BIT+ | '/' BIT+ INDEX* | '#' [0-9]+)* ;
LIST_COMMENT    : ('#' | '//') ~[\n]* -> type(COMMENT), channel(HIDDEN) ;
LIST_SPACE      : [ \t\r\f\n]+ -> skip ;
LIST_JUNK       : . -> type(JUNK) ;

fragment BIT   : FOLLOW | '*' | '<' FOLLOW+ '>' ;
fragment INDEX : '[' (FOLLOW | [*?])+ ']' ;

mode FILES;

PATH          : '"' ~["\n]* '"' | ~[ \t\r\f\n{},;"#]+ ;
FILES_COMMA   : ',' -> skip ;
FILES_END     : [\n;] -> type(SEPARATOR), mode(DEFAULT_MODE) ;
FILES_COMMENT : '#' ~[\n]* -> type(COMMENT), channel(HIDDEN) ;
FILES_SPACE   : [ \t\r\f]+ -> skip ;
FILES_RBRACE  : '}' -> type(RBRACE), mode(DEFAULT_MODE) ;
FILES_JUNK    : ('{' ~[\n]* | '"' ~["\n]*) -> type(JUNK) ;
