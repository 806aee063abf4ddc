# encoding: utf-8
from antlr4 import *
from io import StringIO
import sys
if sys.version_info[1] > 5:
	from typing import TextIO
else:
	from typing.io import TextIO

def serializedATN():
    return [
        4,1,30,167,2,0,7,0,2,1,7,1,2,2,7,2,2,3,7,3,2,4,7,4,2,5,7,5,2,6,7,
        6,2,7,7,7,2,8,7,8,2,9,7,9,2,10,7,10,2,11,7,11,2,12,7,12,2,13,7,13,
        2,14,7,14,2,15,7,15,2,16,7,16,2,17,7,17,2,18,7,18,1,0,1,0,1,0,1,
        0,1,0,1,0,5,0,45,8,0,10,0,12,0,48,9,0,1,0,1,0,1,1,1,1,1,1,1,1,1,
        2,1,2,4,2,58,8,2,11,2,12,2,59,1,3,1,3,3,3,64,8,3,1,3,5,3,67,8,3,
        10,3,12,3,70,9,3,1,4,1,4,3,4,74,8,4,1,4,1,4,3,4,78,8,4,5,4,80,8,
        4,10,4,12,4,83,9,4,1,4,1,4,1,5,1,5,1,5,3,5,90,8,5,1,6,1,6,3,6,94,
        8,6,1,7,1,7,1,7,1,7,1,8,1,8,1,8,3,8,103,8,8,1,9,3,9,106,8,9,1,9,
        4,9,109,8,9,11,9,12,9,110,1,9,1,9,1,9,5,9,116,8,9,10,9,12,9,119,
        9,9,1,10,1,10,3,10,123,8,10,1,10,3,10,126,8,10,1,11,1,11,1,12,1,
        12,1,12,1,12,1,13,1,13,1,13,1,14,1,14,1,14,1,14,1,15,1,15,1,15,1,
        15,5,15,145,8,15,10,15,12,15,148,9,15,3,15,150,8,15,1,15,1,15,1,
        16,1,16,3,16,156,8,16,1,17,1,17,5,17,160,8,17,10,17,12,17,163,9,
        17,1,18,1,18,1,18,0,0,19,0,2,4,6,8,10,12,14,16,18,20,22,24,26,28,
        30,32,34,36,0,3,2,0,7,7,11,12,1,0,7,9,4,0,3,13,17,18,21,23,25,25,
        174,0,46,1,0,0,0,2,51,1,0,0,0,4,55,1,0,0,0,6,61,1,0,0,0,8,71,1,0,
        0,0,10,86,1,0,0,0,12,91,1,0,0,0,14,95,1,0,0,0,16,102,1,0,0,0,18,
        105,1,0,0,0,20,120,1,0,0,0,22,127,1,0,0,0,24,129,1,0,0,0,26,133,
        1,0,0,0,28,136,1,0,0,0,30,140,1,0,0,0,32,155,1,0,0,0,34,157,1,0,
        0,0,36,164,1,0,0,0,38,45,3,2,1,0,39,45,3,4,2,0,40,45,5,14,0,0,41,
        45,3,36,18,0,42,45,3,8,4,0,43,45,5,16,0,0,44,38,1,0,0,0,44,39,1,
        0,0,0,44,40,1,0,0,0,44,41,1,0,0,0,44,42,1,0,0,0,44,43,1,0,0,0,45,
        48,1,0,0,0,46,44,1,0,0,0,46,47,1,0,0,0,47,49,1,0,0,0,48,46,1,0,0,
        0,49,50,5,0,0,1,50,1,1,0,0,0,51,52,5,1,0,0,52,53,3,6,3,0,53,54,3,
        8,4,0,54,3,1,0,0,0,55,57,5,2,0,0,56,58,5,27,0,0,57,56,1,0,0,0,58,
        59,1,0,0,0,59,57,1,0,0,0,59,60,1,0,0,0,60,5,1,0,0,0,61,68,5,23,0,
        0,62,64,5,22,0,0,63,62,1,0,0,0,63,64,1,0,0,0,64,65,1,0,0,0,65,67,
        5,23,0,0,66,63,1,0,0,0,67,70,1,0,0,0,68,66,1,0,0,0,68,69,1,0,0,0,
        69,7,1,0,0,0,70,68,1,0,0,0,71,73,5,15,0,0,72,74,3,10,5,0,73,72,1,
        0,0,0,73,74,1,0,0,0,74,81,1,0,0,0,75,77,5,14,0,0,76,78,3,10,5,0,
        77,76,1,0,0,0,77,78,1,0,0,0,78,80,1,0,0,0,79,75,1,0,0,0,80,83,1,
        0,0,0,81,79,1,0,0,0,81,82,1,0,0,0,82,84,1,0,0,0,83,81,1,0,0,0,84,
        85,5,16,0,0,85,9,1,0,0,0,86,89,3,12,6,0,87,88,5,13,0,0,88,90,3,16,
        8,0,89,87,1,0,0,0,89,90,1,0,0,0,90,11,1,0,0,0,91,93,5,7,0,0,92,94,
        3,14,7,0,93,92,1,0,0,0,93,94,1,0,0,0,94,13,1,0,0,0,95,96,5,17,0,
        0,96,97,5,25,0,0,97,98,5,18,0,0,98,15,1,0,0,0,99,103,3,18,9,0,100,
        103,3,30,15,0,101,103,3,34,17,0,102,99,1,0,0,0,102,100,1,0,0,0,102,
        101,1,0,0,0,103,17,1,0,0,0,104,106,5,10,0,0,105,104,1,0,0,0,105,
        106,1,0,0,0,106,108,1,0,0,0,107,109,3,20,10,0,108,107,1,0,0,0,109,
        110,1,0,0,0,110,108,1,0,0,0,110,111,1,0,0,0,111,117,1,0,0,0,112,
        116,3,24,12,0,113,116,3,26,13,0,114,116,3,28,14,0,115,112,1,0,0,
        0,115,113,1,0,0,0,115,114,1,0,0,0,116,119,1,0,0,0,117,115,1,0,0,
        0,117,118,1,0,0,0,118,19,1,0,0,0,119,117,1,0,0,0,120,122,5,9,0,0,
        121,123,3,22,11,0,122,121,1,0,0,0,122,123,1,0,0,0,123,125,1,0,0,
        0,124,126,5,6,0,0,125,124,1,0,0,0,125,126,1,0,0,0,126,21,1,0,0,0,
        127,128,7,0,0,0,128,23,1,0,0,0,129,130,5,3,0,0,130,131,5,9,0,0,131,
        132,3,22,11,0,132,25,1,0,0,0,133,134,5,4,0,0,134,135,5,9,0,0,135,
        27,1,0,0,0,136,137,5,5,0,0,137,138,5,9,0,0,138,139,3,22,11,0,139,
        29,1,0,0,0,140,149,5,17,0,0,141,146,3,32,16,0,142,143,5,22,0,0,143,
        145,3,32,16,0,144,142,1,0,0,0,145,148,1,0,0,0,146,144,1,0,0,0,146,
        147,1,0,0,0,147,150,1,0,0,0,148,146,1,0,0,0,149,141,1,0,0,0,149,
        150,1,0,0,0,150,151,1,0,0,0,151,152,5,18,0,0,152,31,1,0,0,0,153,
        156,5,25,0,0,154,156,3,30,15,0,155,153,1,0,0,0,155,154,1,0,0,0,156,
        33,1,0,0,0,157,161,5,7,0,0,158,160,7,1,0,0,159,158,1,0,0,0,160,163,
        1,0,0,0,161,159,1,0,0,0,161,162,1,0,0,0,162,35,1,0,0,0,163,161,1,
        0,0,0,164,165,7,2,0,0,165,37,1,0,0,0,21,44,46,59,63,68,73,77,81,
        89,93,102,105,110,115,117,122,125,146,149,155,161
    ]

class CDLParser ( Parser ):

    grammarFileName = "CDLParser.g4"

    atn = ATNDeserializer().deserialize(serializedATN())

    decisionsToDFA = [ DFA(ds, i) for i, ds in enumerate(atn.decisionToState) ]

    sharedContextCache = PredictionContextCache()

    literalNames = [ "<INVALID>", "<INVALID>", "'import'", "'over'", "'samples'", 
                     "'hold'", "'baseline'", "<INVALID>", "<INVALID>", "<INVALID>", 
                     "<INVALID>", "'%'", "<INVALID>", "<INVALID>", "<INVALID>", 
                     "<INVALID>", "'}'", "'['", "<INVALID>", "<INVALID>", 
                     "<INVALID>", "<INVALID>", "<INVALID>", "<INVALID>", 
                     "<INVALID>", "<INVALID>", "<INVALID>", "<INVALID>", 
                     "<INVALID>", "<INVALID>", "'constraint'" ]

    symbolicNames = [ "<INVALID>", "DECLARE", "IMPORT", "OVER", "SAMPLES", 
                      "HOLD", "BASELINE", "WORD", "CLOCK", "NUMBER", "COMPARATOR", 
                      "PERCENT", "RATE", "COLON", "SEPARATOR", "LBRACE", 
                      "RBRACE", "LBRACK", "RBRACK", "COMMENT", "SPACE", 
                      "JUNK", "COMMA", "PATTERN", "SELECTOR_SPACE", "NAME", 
                      "LIST_SPACE", "PATH", "FILES_COMMA", "FILES_SPACE", 
                      "SELECTOR_DECLARE" ]

    RULE_document = 0
    RULE_declaration = 1
    RULE_importing = 2
    RULE_selectors = 3
    RULE_body = 4
    RULE_property = 5
    RULE_key = 6
    RULE_subject = 7
    RULE_value = 8
    RULE_bound = 9
    RULE_amount = 10
    RULE_unit = 11
    RULE_window = 12
    RULE_samples = 13
    RULE_hold = 14
    RULE_list = 15
    RULE_element = 16
    RULE_choice = 17
    RULE_stray = 18

    ruleNames =  [ "document", "declaration", "importing", "selectors", 
                   "body", "property", "key", "subject", "value", "bound", 
                   "amount", "unit", "window", "samples", "hold", "list", 
                   "element", "choice", "stray" ]

    EOF = Token.EOF
    DECLARE=1
    IMPORT=2
    OVER=3
    SAMPLES=4
    HOLD=5
    BASELINE=6
    WORD=7
    CLOCK=8
    NUMBER=9
    COMPARATOR=10
    PERCENT=11
    RATE=12
    COLON=13
    SEPARATOR=14
    LBRACE=15
    RBRACE=16
    LBRACK=17
    RBRACK=18
    COMMENT=19
    SPACE=20
    JUNK=21
    COMMA=22
    PATTERN=23
    SELECTOR_SPACE=24
    NAME=25
    LIST_SPACE=26
    PATH=27
    FILES_COMMA=28
    FILES_SPACE=29
    SELECTOR_DECLARE=30

    def __init__(self, input:TokenStream, output:TextIO = sys.stdout):
        super().__init__(input, output)
        self.checkVersion("4.13.2")
        self._interp = ParserATNSimulator(self, self.atn, self.decisionsToDFA, self.sharedContextCache)
        self._predicates = None




    class DocumentContext(ParserRuleContext):
        __slots__ = 'parser'

        def __init__(self, parser, parent:ParserRuleContext=None, invokingState:int=-1):
            super().__init__(parent, invokingState)
            self.parser = parser

        def EOF(self):
            return self.getToken(CDLParser.EOF, 0)

        def declaration(self, i:int=None):
            if i is None:
                return self.getTypedRuleContexts(CDLParser.DeclarationContext)
            else:
                return self.getTypedRuleContext(CDLParser.DeclarationContext,i)


        def importing(self, i:int=None):
            if i is None:
                return self.getTypedRuleContexts(CDLParser.ImportingContext)
            else:
                return self.getTypedRuleContext(CDLParser.ImportingContext,i)


        def SEPARATOR(self, i:int=None):
            if i is None:
                return self.getTokens(CDLParser.SEPARATOR)
            else:
                return self.getToken(CDLParser.SEPARATOR, i)

        def stray(self, i:int=None):
            if i is None:
                return self.getTypedRuleContexts(CDLParser.StrayContext)
            else:
                return self.getTypedRuleContext(CDLParser.StrayContext,i)


        def body(self, i:int=None):
            if i is None:
                return self.getTypedRuleContexts(CDLParser.BodyContext)
            else:
                return self.getTypedRuleContext(CDLParser.BodyContext,i)


        def RBRACE(self, i:int=None):
            if i is None:
                return self.getTokens(CDLParser.RBRACE)
            else:
                return self.getToken(CDLParser.RBRACE, i)

        def getRuleIndex(self):
            return CDLParser.RULE_document




    def document(self):

        localctx = CDLParser.DocumentContext(self, self._ctx, self.state)
        self.enterRule(localctx, 0, self.RULE_document)
        self._la = 0 # Token type
        try:
            self.enterOuterAlt(localctx, 1)
            self.state = 46
            self._errHandler.sync(self)
            _la = self._input.LA(1)
            while (((_la) & ~0x3f) == 0 and ((1 << _la) & 48758782) != 0):
                self.state = 44
                self._errHandler.sync(self)
                token = self._input.LA(1)
                if token in [1]:
                    self.state = 38
                    self.declaration()
                    pass
                elif token in [2]:
                    self.state = 39
                    self.importing()
                    pass
                elif token in [14]:
                    self.state = 40
                    self.match(CDLParser.SEPARATOR)
                    pass
                elif token in [3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 17, 18, 21, 22, 23, 25]:
                    self.state = 41
                    self.stray()
                    pass
                elif token in [15]:
                    self.state = 42
                    self.body()
                    pass
                elif token in [16]:
                    self.state = 43
                    self.match(CDLParser.RBRACE)
                    pass
                else:
                    raise NoViableAltException(self)

                self.state = 48
                self._errHandler.sync(self)
                _la = self._input.LA(1)

            self.state = 49
            self.match(CDLParser.EOF)
        except RecognitionException as re:
            localctx.exception = re
            self._errHandler.reportError(self, re)
            self._errHandler.recover(self, re)
        finally:
            self.exitRule()
        return localctx


    class DeclarationContext(ParserRuleContext):
        __slots__ = 'parser'

        def __init__(self, parser, parent:ParserRuleContext=None, invokingState:int=-1):
            super().__init__(parent, invokingState)
            self.parser = parser

        def DECLARE(self):
            return self.getToken(CDLParser.DECLARE, 0)

        def selectors(self):
            return self.getTypedRuleContext(CDLParser.SelectorsContext,0)


        def body(self):
            return self.getTypedRuleContext(CDLParser.BodyContext,0)


        def getRuleIndex(self):
            return CDLParser.RULE_declaration




    def declaration(self):

        localctx = CDLParser.DeclarationContext(self, self._ctx, self.state)
        self.enterRule(localctx, 2, self.RULE_declaration)
        try:
            self.enterOuterAlt(localctx, 1)
            self.state = 51
            self.match(CDLParser.DECLARE)
            self.state = 52
            self.selectors()
            self.state = 53
            self.body()
        except RecognitionException as re:
            localctx.exception = re
            self._errHandler.reportError(self, re)
            self._errHandler.recover(self, re)
        finally:
            self.exitRule()
        return localctx


    class ImportingContext(ParserRuleContext):
        __slots__ = 'parser'

        def __init__(self, parser, parent:ParserRuleContext=None, invokingState:int=-1):
            super().__init__(parent, invokingState)
            self.parser = parser

        def IMPORT(self):
            return self.getToken(CDLParser.IMPORT, 0)

        def PATH(self, i:int=None):
            if i is None:
                return self.getTokens(CDLParser.PATH)
            else:
                return self.getToken(CDLParser.PATH, i)

        def getRuleIndex(self):
            return CDLParser.RULE_importing




    def importing(self):

        localctx = CDLParser.ImportingContext(self, self._ctx, self.state)
        self.enterRule(localctx, 4, self.RULE_importing)
        self._la = 0 # Token type
        try:
            self.enterOuterAlt(localctx, 1)
            self.state = 55
            self.match(CDLParser.IMPORT)
            self.state = 57 
            self._errHandler.sync(self)
            _la = self._input.LA(1)
            while True:
                self.state = 56
                self.match(CDLParser.PATH)
                self.state = 59 
                self._errHandler.sync(self)
                _la = self._input.LA(1)
                if not (_la==27):
                    break

        except RecognitionException as re:
            localctx.exception = re
            self._errHandler.reportError(self, re)
            self._errHandler.recover(self, re)
        finally:
            self.exitRule()
        return localctx


    class SelectorsContext(ParserRuleContext):
        __slots__ = 'parser'

        def __init__(self, parser, parent:ParserRuleContext=None, invokingState:int=-1):
            super().__init__(parent, invokingState)
            self.parser = parser

        def PATTERN(self, i:int=None):
            if i is None:
                return self.getTokens(CDLParser.PATTERN)
            else:
                return self.getToken(CDLParser.PATTERN, i)

        def COMMA(self, i:int=None):
            if i is None:
                return self.getTokens(CDLParser.COMMA)
            else:
                return self.getToken(CDLParser.COMMA, i)

        def getRuleIndex(self):
            return CDLParser.RULE_selectors




    def selectors(self):

        localctx = CDLParser.SelectorsContext(self, self._ctx, self.state)
        self.enterRule(localctx, 6, self.RULE_selectors)
        self._la = 0 # Token type
        try:
            self.enterOuterAlt(localctx, 1)
            self.state = 61
            self.match(CDLParser.PATTERN)
            self.state = 68
            self._errHandler.sync(self)
            _la = self._input.LA(1)
            while _la==22 or _la==23:
                self.state = 63
                self._errHandler.sync(self)
                _la = self._input.LA(1)
                if _la==22:
                    self.state = 62
                    self.match(CDLParser.COMMA)


                self.state = 65
                self.match(CDLParser.PATTERN)
                self.state = 70
                self._errHandler.sync(self)
                _la = self._input.LA(1)

        except RecognitionException as re:
            localctx.exception = re
            self._errHandler.reportError(self, re)
            self._errHandler.recover(self, re)
        finally:
            self.exitRule()
        return localctx


    class BodyContext(ParserRuleContext):
        __slots__ = 'parser'

        def __init__(self, parser, parent:ParserRuleContext=None, invokingState:int=-1):
            super().__init__(parent, invokingState)
            self.parser = parser

        def LBRACE(self):
            return self.getToken(CDLParser.LBRACE, 0)

        def RBRACE(self):
            return self.getToken(CDLParser.RBRACE, 0)

        def property_(self, i:int=None):
            if i is None:
                return self.getTypedRuleContexts(CDLParser.PropertyContext)
            else:
                return self.getTypedRuleContext(CDLParser.PropertyContext,i)


        def SEPARATOR(self, i:int=None):
            if i is None:
                return self.getTokens(CDLParser.SEPARATOR)
            else:
                return self.getToken(CDLParser.SEPARATOR, i)

        def getRuleIndex(self):
            return CDLParser.RULE_body




    def body(self):

        localctx = CDLParser.BodyContext(self, self._ctx, self.state)
        self.enterRule(localctx, 8, self.RULE_body)
        self._la = 0 # Token type
        try:
            self.enterOuterAlt(localctx, 1)
            self.state = 71
            self.match(CDLParser.LBRACE)
            self.state = 73
            self._errHandler.sync(self)
            _la = self._input.LA(1)
            if _la==7:
                self.state = 72
                self.property_()


            self.state = 81
            self._errHandler.sync(self)
            _la = self._input.LA(1)
            while _la==14:
                self.state = 75
                self.match(CDLParser.SEPARATOR)
                self.state = 77
                self._errHandler.sync(self)
                _la = self._input.LA(1)
                if _la==7:
                    self.state = 76
                    self.property_()


                self.state = 83
                self._errHandler.sync(self)
                _la = self._input.LA(1)

            self.state = 84
            self.match(CDLParser.RBRACE)
        except RecognitionException as re:
            localctx.exception = re
            self._errHandler.reportError(self, re)
            self._errHandler.recover(self, re)
        finally:
            self.exitRule()
        return localctx


    class PropertyContext(ParserRuleContext):
        __slots__ = 'parser'

        def __init__(self, parser, parent:ParserRuleContext=None, invokingState:int=-1):
            super().__init__(parent, invokingState)
            self.parser = parser

        def key(self):
            return self.getTypedRuleContext(CDLParser.KeyContext,0)


        def COLON(self):
            return self.getToken(CDLParser.COLON, 0)

        def value(self):
            return self.getTypedRuleContext(CDLParser.ValueContext,0)


        def getRuleIndex(self):
            return CDLParser.RULE_property




    def property_(self):

        localctx = CDLParser.PropertyContext(self, self._ctx, self.state)
        self.enterRule(localctx, 10, self.RULE_property)
        self._la = 0 # Token type
        try:
            self.enterOuterAlt(localctx, 1)
            self.state = 86
            self.key()
            self.state = 89
            self._errHandler.sync(self)
            _la = self._input.LA(1)
            if _la==13:
                self.state = 87
                self.match(CDLParser.COLON)
                self.state = 88
                self.value()


        except RecognitionException as re:
            localctx.exception = re
            self._errHandler.reportError(self, re)
            self._errHandler.recover(self, re)
        finally:
            self.exitRule()
        return localctx


    class KeyContext(ParserRuleContext):
        __slots__ = 'parser'

        def __init__(self, parser, parent:ParserRuleContext=None, invokingState:int=-1):
            super().__init__(parent, invokingState)
            self.parser = parser

        def WORD(self):
            return self.getToken(CDLParser.WORD, 0)

        def subject(self):
            return self.getTypedRuleContext(CDLParser.SubjectContext,0)


        def getRuleIndex(self):
            return CDLParser.RULE_key




    def key(self):

        localctx = CDLParser.KeyContext(self, self._ctx, self.state)
        self.enterRule(localctx, 12, self.RULE_key)
        self._la = 0 # Token type
        try:
            self.enterOuterAlt(localctx, 1)
            self.state = 91
            self.match(CDLParser.WORD)
            self.state = 93
            self._errHandler.sync(self)
            _la = self._input.LA(1)
            if _la==17:
                self.state = 92
                self.subject()


        except RecognitionException as re:
            localctx.exception = re
            self._errHandler.reportError(self, re)
            self._errHandler.recover(self, re)
        finally:
            self.exitRule()
        return localctx


    class SubjectContext(ParserRuleContext):
        __slots__ = 'parser'

        def __init__(self, parser, parent:ParserRuleContext=None, invokingState:int=-1):
            super().__init__(parent, invokingState)
            self.parser = parser

        def LBRACK(self):
            return self.getToken(CDLParser.LBRACK, 0)

        def NAME(self):
            return self.getToken(CDLParser.NAME, 0)

        def RBRACK(self):
            return self.getToken(CDLParser.RBRACK, 0)

        def getRuleIndex(self):
            return CDLParser.RULE_subject




    def subject(self):

        localctx = CDLParser.SubjectContext(self, self._ctx, self.state)
        self.enterRule(localctx, 14, self.RULE_subject)
        try:
            self.enterOuterAlt(localctx, 1)
            self.state = 95
            self.match(CDLParser.LBRACK)
            self.state = 96
            self.match(CDLParser.NAME)
            self.state = 97
            self.match(CDLParser.RBRACK)
        except RecognitionException as re:
            localctx.exception = re
            self._errHandler.reportError(self, re)
            self._errHandler.recover(self, re)
        finally:
            self.exitRule()
        return localctx


    class ValueContext(ParserRuleContext):
        __slots__ = 'parser'

        def __init__(self, parser, parent:ParserRuleContext=None, invokingState:int=-1):
            super().__init__(parent, invokingState)
            self.parser = parser

        def bound(self):
            return self.getTypedRuleContext(CDLParser.BoundContext,0)


        def list_(self):
            return self.getTypedRuleContext(CDLParser.ListContext,0)


        def choice(self):
            return self.getTypedRuleContext(CDLParser.ChoiceContext,0)


        def getRuleIndex(self):
            return CDLParser.RULE_value




    def value(self):

        localctx = CDLParser.ValueContext(self, self._ctx, self.state)
        self.enterRule(localctx, 16, self.RULE_value)
        try:
            self.state = 102
            self._errHandler.sync(self)
            token = self._input.LA(1)
            if token in [9, 10]:
                self.enterOuterAlt(localctx, 1)
                self.state = 99
                self.bound()
                pass
            elif token in [17]:
                self.enterOuterAlt(localctx, 2)
                self.state = 100
                self.list_()
                pass
            elif token in [7]:
                self.enterOuterAlt(localctx, 3)
                self.state = 101
                self.choice()
                pass
            else:
                raise NoViableAltException(self)

        except RecognitionException as re:
            localctx.exception = re
            self._errHandler.reportError(self, re)
            self._errHandler.recover(self, re)
        finally:
            self.exitRule()
        return localctx


    class BoundContext(ParserRuleContext):
        __slots__ = 'parser'

        def __init__(self, parser, parent:ParserRuleContext=None, invokingState:int=-1):
            super().__init__(parent, invokingState)
            self.parser = parser

        def COMPARATOR(self):
            return self.getToken(CDLParser.COMPARATOR, 0)

        def amount(self, i:int=None):
            if i is None:
                return self.getTypedRuleContexts(CDLParser.AmountContext)
            else:
                return self.getTypedRuleContext(CDLParser.AmountContext,i)


        def window(self, i:int=None):
            if i is None:
                return self.getTypedRuleContexts(CDLParser.WindowContext)
            else:
                return self.getTypedRuleContext(CDLParser.WindowContext,i)


        def samples(self, i:int=None):
            if i is None:
                return self.getTypedRuleContexts(CDLParser.SamplesContext)
            else:
                return self.getTypedRuleContext(CDLParser.SamplesContext,i)


        def hold(self, i:int=None):
            if i is None:
                return self.getTypedRuleContexts(CDLParser.HoldContext)
            else:
                return self.getTypedRuleContext(CDLParser.HoldContext,i)


        def getRuleIndex(self):
            return CDLParser.RULE_bound




    def bound(self):

        localctx = CDLParser.BoundContext(self, self._ctx, self.state)
        self.enterRule(localctx, 18, self.RULE_bound)
        self._la = 0 # Token type
        try:
            self.enterOuterAlt(localctx, 1)
            self.state = 105
            self._errHandler.sync(self)
            _la = self._input.LA(1)
            if _la==10:
                self.state = 104
                self.match(CDLParser.COMPARATOR)


            self.state = 108 
            self._errHandler.sync(self)
            _la = self._input.LA(1)
            while True:
                self.state = 107
                self.amount()
                self.state = 110 
                self._errHandler.sync(self)
                _la = self._input.LA(1)
                if not (_la==9):
                    break

            self.state = 117
            self._errHandler.sync(self)
            _la = self._input.LA(1)
            while (((_la) & ~0x3f) == 0 and ((1 << _la) & 56) != 0):
                self.state = 115
                self._errHandler.sync(self)
                token = self._input.LA(1)
                if token in [3]:
                    self.state = 112
                    self.window()
                    pass
                elif token in [4]:
                    self.state = 113
                    self.samples()
                    pass
                elif token in [5]:
                    self.state = 114
                    self.hold()
                    pass
                else:
                    raise NoViableAltException(self)

                self.state = 119
                self._errHandler.sync(self)
                _la = self._input.LA(1)

        except RecognitionException as re:
            localctx.exception = re
            self._errHandler.reportError(self, re)
            self._errHandler.recover(self, re)
        finally:
            self.exitRule()
        return localctx


    class AmountContext(ParserRuleContext):
        __slots__ = 'parser'

        def __init__(self, parser, parent:ParserRuleContext=None, invokingState:int=-1):
            super().__init__(parent, invokingState)
            self.parser = parser

        def NUMBER(self):
            return self.getToken(CDLParser.NUMBER, 0)

        def unit(self):
            return self.getTypedRuleContext(CDLParser.UnitContext,0)


        def BASELINE(self):
            return self.getToken(CDLParser.BASELINE, 0)

        def getRuleIndex(self):
            return CDLParser.RULE_amount




    def amount(self):

        localctx = CDLParser.AmountContext(self, self._ctx, self.state)
        self.enterRule(localctx, 20, self.RULE_amount)
        self._la = 0 # Token type
        try:
            self.enterOuterAlt(localctx, 1)
            self.state = 120
            self.match(CDLParser.NUMBER)
            self.state = 122
            self._errHandler.sync(self)
            _la = self._input.LA(1)
            if (((_la) & ~0x3f) == 0 and ((1 << _la) & 6272) != 0):
                self.state = 121
                self.unit()


            self.state = 125
            self._errHandler.sync(self)
            _la = self._input.LA(1)
            if _la==6:
                self.state = 124
                self.match(CDLParser.BASELINE)


        except RecognitionException as re:
            localctx.exception = re
            self._errHandler.reportError(self, re)
            self._errHandler.recover(self, re)
        finally:
            self.exitRule()
        return localctx


    class UnitContext(ParserRuleContext):
        __slots__ = 'parser'

        def __init__(self, parser, parent:ParserRuleContext=None, invokingState:int=-1):
            super().__init__(parent, invokingState)
            self.parser = parser

        def WORD(self):
            return self.getToken(CDLParser.WORD, 0)

        def PERCENT(self):
            return self.getToken(CDLParser.PERCENT, 0)

        def RATE(self):
            return self.getToken(CDLParser.RATE, 0)

        def getRuleIndex(self):
            return CDLParser.RULE_unit




    def unit(self):

        localctx = CDLParser.UnitContext(self, self._ctx, self.state)
        self.enterRule(localctx, 22, self.RULE_unit)
        self._la = 0 # Token type
        try:
            self.enterOuterAlt(localctx, 1)
            self.state = 127
            _la = self._input.LA(1)
            if not((((_la) & ~0x3f) == 0 and ((1 << _la) & 6272) != 0)):
                self._errHandler.recoverInline(self)
            else:
                self._errHandler.reportMatch(self)
                self.consume()
        except RecognitionException as re:
            localctx.exception = re
            self._errHandler.reportError(self, re)
            self._errHandler.recover(self, re)
        finally:
            self.exitRule()
        return localctx


    class WindowContext(ParserRuleContext):
        __slots__ = 'parser'

        def __init__(self, parser, parent:ParserRuleContext=None, invokingState:int=-1):
            super().__init__(parent, invokingState)
            self.parser = parser

        def OVER(self):
            return self.getToken(CDLParser.OVER, 0)

        def NUMBER(self):
            return self.getToken(CDLParser.NUMBER, 0)

        def unit(self):
            return self.getTypedRuleContext(CDLParser.UnitContext,0)


        def getRuleIndex(self):
            return CDLParser.RULE_window




    def window(self):

        localctx = CDLParser.WindowContext(self, self._ctx, self.state)
        self.enterRule(localctx, 24, self.RULE_window)
        try:
            self.enterOuterAlt(localctx, 1)
            self.state = 129
            self.match(CDLParser.OVER)
            self.state = 130
            self.match(CDLParser.NUMBER)
            self.state = 131
            self.unit()
        except RecognitionException as re:
            localctx.exception = re
            self._errHandler.reportError(self, re)
            self._errHandler.recover(self, re)
        finally:
            self.exitRule()
        return localctx


    class SamplesContext(ParserRuleContext):
        __slots__ = 'parser'

        def __init__(self, parser, parent:ParserRuleContext=None, invokingState:int=-1):
            super().__init__(parent, invokingState)
            self.parser = parser

        def SAMPLES(self):
            return self.getToken(CDLParser.SAMPLES, 0)

        def NUMBER(self):
            return self.getToken(CDLParser.NUMBER, 0)

        def getRuleIndex(self):
            return CDLParser.RULE_samples




    def samples(self):

        localctx = CDLParser.SamplesContext(self, self._ctx, self.state)
        self.enterRule(localctx, 26, self.RULE_samples)
        try:
            self.enterOuterAlt(localctx, 1)
            self.state = 133
            self.match(CDLParser.SAMPLES)
            self.state = 134
            self.match(CDLParser.NUMBER)
        except RecognitionException as re:
            localctx.exception = re
            self._errHandler.reportError(self, re)
            self._errHandler.recover(self, re)
        finally:
            self.exitRule()
        return localctx


    class HoldContext(ParserRuleContext):
        __slots__ = 'parser'

        def __init__(self, parser, parent:ParserRuleContext=None, invokingState:int=-1):
            super().__init__(parent, invokingState)
            self.parser = parser

        def HOLD(self):
            return self.getToken(CDLParser.HOLD, 0)

        def NUMBER(self):
            return self.getToken(CDLParser.NUMBER, 0)

        def unit(self):
            return self.getTypedRuleContext(CDLParser.UnitContext,0)


        def getRuleIndex(self):
            return CDLParser.RULE_hold




    def hold(self):

        localctx = CDLParser.HoldContext(self, self._ctx, self.state)
        self.enterRule(localctx, 28, self.RULE_hold)
        try:
            self.enterOuterAlt(localctx, 1)
            self.state = 136
            self.match(CDLParser.HOLD)
            self.state = 137
            self.match(CDLParser.NUMBER)
            self.state = 138
            self.unit()
        except RecognitionException as re:
            localctx.exception = re
            self._errHandler.reportError(self, re)
            self._errHandler.recover(self, re)
        finally:
            self.exitRule()
        return localctx


    class ListContext(ParserRuleContext):
        __slots__ = 'parser'

        def __init__(self, parser, parent:ParserRuleContext=None, invokingState:int=-1):
            super().__init__(parent, invokingState)
            self.parser = parser

        def LBRACK(self):
            return self.getToken(CDLParser.LBRACK, 0)

        def RBRACK(self):
            return self.getToken(CDLParser.RBRACK, 0)

        def element(self, i:int=None):
            if i is None:
                return self.getTypedRuleContexts(CDLParser.ElementContext)
            else:
                return self.getTypedRuleContext(CDLParser.ElementContext,i)


        def COMMA(self, i:int=None):
            if i is None:
                return self.getTokens(CDLParser.COMMA)
            else:
                return self.getToken(CDLParser.COMMA, i)

        def getRuleIndex(self):
            return CDLParser.RULE_list




    def list_(self):

        localctx = CDLParser.ListContext(self, self._ctx, self.state)
        self.enterRule(localctx, 30, self.RULE_list)
        self._la = 0 # Token type
        try:
            self.enterOuterAlt(localctx, 1)
            self.state = 140
            self.match(CDLParser.LBRACK)
            self.state = 149
            self._errHandler.sync(self)
            _la = self._input.LA(1)
            if _la==17 or _la==25:
                self.state = 141
                self.element()
                self.state = 146
                self._errHandler.sync(self)
                _la = self._input.LA(1)
                while _la==22:
                    self.state = 142
                    self.match(CDLParser.COMMA)
                    self.state = 143
                    self.element()
                    self.state = 148
                    self._errHandler.sync(self)
                    _la = self._input.LA(1)



            self.state = 151
            self.match(CDLParser.RBRACK)
        except RecognitionException as re:
            localctx.exception = re
            self._errHandler.reportError(self, re)
            self._errHandler.recover(self, re)
        finally:
            self.exitRule()
        return localctx


    class ElementContext(ParserRuleContext):
        __slots__ = 'parser'

        def __init__(self, parser, parent:ParserRuleContext=None, invokingState:int=-1):
            super().__init__(parent, invokingState)
            self.parser = parser

        def NAME(self):
            return self.getToken(CDLParser.NAME, 0)

        def list_(self):
            return self.getTypedRuleContext(CDLParser.ListContext,0)


        def getRuleIndex(self):
            return CDLParser.RULE_element




    def element(self):

        localctx = CDLParser.ElementContext(self, self._ctx, self.state)
        self.enterRule(localctx, 32, self.RULE_element)
        try:
            self.state = 155
            self._errHandler.sync(self)
            token = self._input.LA(1)
            if token in [25]:
                self.enterOuterAlt(localctx, 1)
                self.state = 153
                self.match(CDLParser.NAME)
                pass
            elif token in [17]:
                self.enterOuterAlt(localctx, 2)
                self.state = 154
                self.list_()
                pass
            else:
                raise NoViableAltException(self)

        except RecognitionException as re:
            localctx.exception = re
            self._errHandler.reportError(self, re)
            self._errHandler.recover(self, re)
        finally:
            self.exitRule()
        return localctx


    class ChoiceContext(ParserRuleContext):
        __slots__ = 'parser'

        def __init__(self, parser, parent:ParserRuleContext=None, invokingState:int=-1):
            super().__init__(parent, invokingState)
            self.parser = parser

        def WORD(self, i:int=None):
            if i is None:
                return self.getTokens(CDLParser.WORD)
            else:
                return self.getToken(CDLParser.WORD, i)

        def NUMBER(self, i:int=None):
            if i is None:
                return self.getTokens(CDLParser.NUMBER)
            else:
                return self.getToken(CDLParser.NUMBER, i)

        def CLOCK(self, i:int=None):
            if i is None:
                return self.getTokens(CDLParser.CLOCK)
            else:
                return self.getToken(CDLParser.CLOCK, i)

        def getRuleIndex(self):
            return CDLParser.RULE_choice




    def choice(self):

        localctx = CDLParser.ChoiceContext(self, self._ctx, self.state)
        self.enterRule(localctx, 34, self.RULE_choice)
        self._la = 0 # Token type
        try:
            self.enterOuterAlt(localctx, 1)
            self.state = 157
            self.match(CDLParser.WORD)
            self.state = 161
            self._errHandler.sync(self)
            _la = self._input.LA(1)
            while (((_la) & ~0x3f) == 0 and ((1 << _la) & 896) != 0):
                self.state = 158
                _la = self._input.LA(1)
                if not((((_la) & ~0x3f) == 0 and ((1 << _la) & 896) != 0)):
                    self._errHandler.recoverInline(self)
                else:
                    self._errHandler.reportMatch(self)
                    self.consume()
                self.state = 163
                self._errHandler.sync(self)
                _la = self._input.LA(1)

        except RecognitionException as re:
            localctx.exception = re
            self._errHandler.reportError(self, re)
            self._errHandler.recover(self, re)
        finally:
            self.exitRule()
        return localctx


    class StrayContext(ParserRuleContext):
        __slots__ = 'parser'

        def __init__(self, parser, parent:ParserRuleContext=None, invokingState:int=-1):
            super().__init__(parent, invokingState)
            self.parser = parser

        def WORD(self):
            return self.getToken(CDLParser.WORD, 0)

        def OVER(self):
            return self.getToken(CDLParser.OVER, 0)

        def SAMPLES(self):
            return self.getToken(CDLParser.SAMPLES, 0)

        def HOLD(self):
            return self.getToken(CDLParser.HOLD, 0)

        def BASELINE(self):
            return self.getToken(CDLParser.BASELINE, 0)

        def NUMBER(self):
            return self.getToken(CDLParser.NUMBER, 0)

        def CLOCK(self):
            return self.getToken(CDLParser.CLOCK, 0)

        def COMPARATOR(self):
            return self.getToken(CDLParser.COMPARATOR, 0)

        def PERCENT(self):
            return self.getToken(CDLParser.PERCENT, 0)

        def RATE(self):
            return self.getToken(CDLParser.RATE, 0)

        def COLON(self):
            return self.getToken(CDLParser.COLON, 0)

        def LBRACK(self):
            return self.getToken(CDLParser.LBRACK, 0)

        def RBRACK(self):
            return self.getToken(CDLParser.RBRACK, 0)

        def COMMA(self):
            return self.getToken(CDLParser.COMMA, 0)

        def PATTERN(self):
            return self.getToken(CDLParser.PATTERN, 0)

        def NAME(self):
            return self.getToken(CDLParser.NAME, 0)

        def JUNK(self):
            return self.getToken(CDLParser.JUNK, 0)

        def getRuleIndex(self):
            return CDLParser.RULE_stray




    def stray(self):

        localctx = CDLParser.StrayContext(self, self._ctx, self.state)
        self.enterRule(localctx, 36, self.RULE_stray)
        self._la = 0 # Token type
        try:
            self.enterOuterAlt(localctx, 1)
            self.state = 164
            _la = self._input.LA(1)
            if not((((_la) & ~0x3f) == 0 and ((1 << _la) & 48644088) != 0)):
                self._errHandler.recoverInline(self)
            else:
                self._errHandler.reportMatch(self)
                self.consume()
        except RecognitionException as re:
            localctx.exception = re
            self._errHandler.reportError(self, re)
            self._errHandler.recover(self, re)
        finally:
            self.exitRule()
        return localctx





